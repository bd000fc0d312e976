// Compiles the sources of every workspace into its `dist`, file by file; whether the types agree is `npm run check`'s.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from '@swc/core'

const here = fileURLToPath(import.meta.url)
const root = join(dirname(here), '..')
const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const options = {
  jsc: {
    parser: { syntax: 'typescript' },
    target: 'es2022',
    transform: { verbatimModuleSyntax: true },
  },
  module: { type: 'es6' },
  sourceMaps: true,
  swcrc: false,
}

const filesIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : []

const changedAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

const compile = async (source, target) => {
  const sourceFileName = relative(dirname(target), source)
  const { code, map } = await transform(readFileSync(source, 'utf8'), { ...options, filename: source, sourceFileName })
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(`${target}.map`, map)
  writeFileSync(target, `${code}//# sourceMappingURL=${basename(target)}.map\n`)
}

/** What a source becomes, by its place; tests stay where they are. */
const targetsOf = (workspace) => {
  const [from, to] = [join(root, workspace, 'src'), join(root, workspace, 'dist')]
  const sources = filesIn(from).filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  return new Map(sources.map((source) => [join(to, relative(from, source)).replace(/\.ts$/, '.js'), source]))
}

const buildWorkspace = async (workspace) => {
  const targets = targetsOf(workspace)
  for (const path of filesIn(join(root, workspace, 'dist'))) {
    if (!targets.has(path.replace(/\.map$/, ''))) rmSync(path)
  }
  const isStale = (target, source) => changedAt(target) <= Math.max(changedAt(source), changedAt(here))
  const stale = [...targets].filter(([target, source]) => isStale(target, source))
  await Promise.all(stale.map(([target, source]) => compile(source, target)))
}

await Promise.all(workspaces.filter((workspace) => existsSync(join(root, workspace, 'src'))).map(buildWorkspace))
