import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { root } from './files.js'

/** Writes pages of the checkout in the form that the formatter gives them. */
export const writePages = (pages: Readonly<Record<string, string>>): void => {
  const paths = Object.keys(pages).map((path) => resolve(root, path))
  for (const [path, text] of Object.entries(pages)) {
    mkdirSync(dirname(resolve(root, path)), { recursive: true })
    writeFileSync(resolve(root, path), text)
  }
  const prettier = join(root, 'node_modules/prettier/bin/prettier.cjs')
  spawnSync(process.execPath, [prettier, '--write', '--log-level', 'warn', ...paths], { cwd: root, stdio: 'inherit' })
}
