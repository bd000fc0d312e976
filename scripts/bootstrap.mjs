// Runs a command of the house on a fresh checkout: dependencies and build first, then the command itself.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const lockFile = join(root, 'package-lock.json')
const installedLockFile = join(root, 'node_modules/.package-lock.json')
const stampFile = join(root, 'node_modules/.countinghouse-lock')
const nodeMin = [20, 19]

const fail = (sentence) => {
  console.error(sentence)
  process.exit(1)
}

const assertNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1])) return
  fail(`countinghouse needs Node ${nodeMin.join('.')} or newer; this is ${process.versions.node}.`)
}

/** Runs a program on this terminal and answers how many seconds it took, or ends with its exit code. */
const run = (command, parameters, environment = {}) => {
  const startedAt = Date.now()
  const env = { ...process.env, ...environment }
  const { status, signal, error } = spawnSync(command, parameters, { cwd: root, env, stdio: 'inherit' })
  if (error) fail(`${command} cannot be run: ${error.message}`)
  if (status !== 0) process.exit(signal ? 130 : status)
  return ((Date.now() - startedAt) / 1000).toFixed(1)
}
const runTool = (script, parameters, environment) =>
  run(process.execPath, [join('node_modules', script), ...parameters], environment)

const stampOf = () => createHash('sha256').update(readFileSync(lockFile)).digest('hex')
const isStamped = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stampOf()

/** Whether somebody ran npm by hand since: npm keeps its own account of what it installed. */
const isInstalled = () => {
  if (!existsSync(installedLockFile)) return false
  const [wanted, installed] = [lockFile, installedLockFile].map(
    (path) => JSON.parse(readFileSync(path, 'utf8')).packages,
  )
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  )
}

const options = ['--no-audit', '--no-fund', '--include=dev']

// A registry that lacks some other platform's optional package makes `npm ci` refuse a lock file written from it;
// `npm install` takes the same locked versions and passes over what this platform does not need.
const install = () => {
  const { status, signal, stderr } = spawnSync('npm', ['ci', ...options], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  if (signal) process.exit(130)
  if (status === 0) return
  const [reason = 'it failed'] = /(Missing|Invalid): .*/.exec(stderr?.toString() ?? '') ?? []
  console.log(`npm ci refuses (${reason}); npm install goes on from the same lock file …`)
  run('npm', ['install', '--no-save', ...options])
}

const ensureDependencies = () => {
  if (isStamped()) return
  if (!isInstalled()) {
    console.log('Installing the dependencies (npm ci) …')
    const startedAt = Date.now()
    install()
    console.log(`Dependencies installed in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`)
  }
  writeFileSync(stampFile, stampOf())
}

const build = () => {
  const seconds = run(process.execPath, ['scripts/build.mjs'])
  if (seconds >= 2) console.log(`Built in ${seconds} s.`)
}

const unitTests = (parameters) => {
  const NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`
  runTool(
    'jest/bin/jest.js',
    [...parameters, '--cacheDirectory', 'node_modules/.cache/jest', '--selectProjects', 'unit'],
    { NODE_OPTIONS },
  )
}

const check = () => {
  console.log(`types ok, ${runTool('typescript/bin/tsc', ['-p', 'tsconfig.json'])} s`)
  console.log(`lint ok, ${runTool('eslint/bin/eslint.js', ['.'])} s`)
  console.log(`format ok, ${runTool('prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.'])} s`)
  unitTests([])
}

// Each compiled command runs in this process, so that a Ctrl-C is handled in one place.
const compiled = (path) => () => {
  build()
  return import(pathToFileURL(join(root, `${path}.js`)).href)
}

const commands = {
  start: compiled('scripts/dist/start'),
  test: compiled('scripts/dist/test'),
  demo: compiled('scripts/dist/demo'),
  bench: compiled('bench/dist/main'),
  chaos: compiled('scripts/dist/chaos'),
  ops: compiled('scripts/dist/ops'),
  backup: compiled('scripts/dist/keep'),
  restore: compiled('scripts/dist/keep'),
  refill: compiled('scripts/dist/keep'),
  generate: compiled('scripts/dist/generate'),
  'test:unit': unitTests,
  check,
}

const [name = '', ...parameters] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (!command) fail(`Usage: node scripts/bootstrap.mjs <${Object.keys(commands).join('|')}>`)
assertNode()
ensureDependencies()
await command(parameters)
