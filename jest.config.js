import { existsSync, readdirSync } from 'node:fs'

const root = new URL('.', import.meta.url)

// Only folders that hold TypeScript are watched and searched, so `.data` and `node_modules` cost nothing at start.
const roots = readdirSync(root).filter((folder) => existsSync(new URL(`${folder}/src`, root)))
for (const folder of ['tests', 'bench']) if (existsSync(new URL(folder, root))) roots.push(folder)

const intTests = '\\.int\\.test\\.ts$'
const e2eTests = '\\.e2e\\.test\\.ts$'

const project = ({ name, testMatch, ignore = [], timeoutMs }) => ({
  displayName: name,
  roots: roots.map((folder) => `<rootDir>/${folder}`),
  testMatch,
  testPathIgnorePatterns: ['/node_modules/', '/dist/', ...ignore],
  modulePathIgnorePatterns: ['/dist/'],
  testEnvironment: 'node',
  // `source` makes `@countinghouse/shared/money` mean shared/src/money.ts, so tests need no build.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  // Jest reads `testTimeout` from the command line's config alone, so each project hands its own to the setup file.
  globals: { testTimeoutMs: timeoutMs },
  setupFilesAfterEnv: ['<rootDir>/jest.setup.js'],
})

export default {
  projects: [
    project({ name: 'unit', testMatch: ['**/*.test.ts'], ignore: [intTests, e2eTests], timeoutMs: 5_000 }),
    project({ name: 'int', testMatch: ['**/*.int.test.ts'], timeoutMs: 60_000 }),
    project({ name: 'e2e', testMatch: ['**/*.e2e.test.ts'], timeoutMs: 240_000 }),
  ],
}
