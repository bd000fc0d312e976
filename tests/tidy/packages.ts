import { placeOf } from './place.js'
import type { Rule } from './rule.js'
import type { Source } from './source.js'

type PackageFile = { dependencies?: Record<string, string>; devDependencies?: Record<string, string> }

const packagesOf = ({ text }: Source): string[] => {
  const { dependencies, devDependencies } = JSON.parse(text) as PackageFile
  return Object.keys({ ...dependencies, ...devDependencies })
}

/** `@scope/name/sub` → `@scope/name`; nothing for our own paths and for `node:` modules. */
const packageOf = (target: string): string | undefined =>
  target.startsWith('node:') || target.includes('/src/') || /^\w[\w-]*\/.*\.ts$/.test(target)
    ? undefined
    : /^(?:@[^/]+\/)?[^/]+/.exec(target)?.[0]

const declared: Rule = {
  name: 'a workspace imports only packages that its package.json lists',
  violations: (sources) => {
    const listed = new Map(
      sources
        .filter(({ path }) => path.endsWith('package.json'))
        .map((source) => [source.path.replace(/\/?package\.json$/, ''), packagesOf(source)]),
    )
    const anywhere = new Set([...listed.values()].flat())
    return sources.flatMap(({ path, imports }) => {
      const { home, isTest, isTesting } = placeOf(path)
      // Tests run in the whole checkout; what ships is installed workspace by workspace.
      const known = isTest || isTesting ? anywhere : new Set(listed.get(home) ?? anywhere)
      return imports
        .map(({ target }) => packageOf(target))
        .filter((name) => name !== undefined && !known.has(name))
        .map((name) => `${path} imports ${name}: list it in ${home}/package.json, or use what shared offers`)
    })
  },
  breaks: [
    {
      'package.json': '{ "devDependencies": { "express": "5" } }',
      'loan-service/package.json': '{ "dependencies": { "zod": "4" } }',
      'loan-service/src/app.ts': "import express from 'express'",
    },
    { 'loan-service/package.json': '{}', 'loan-service/src/app.ts': "import { readFileSync } from 'fs'" },
    { 'package.json': '{}', 'bench/src/transfers.ts': "import autocannon from 'autocannon'" },
  ],
  allows: [
    {
      'package.json': '{ "devDependencies": { "@jest/globals": "30" } }',
      'shared/package.json': '{ "dependencies": { "ioredis": "6" } }',
      'loan-service/package.json': '{ "dependencies": { "@node-rs/argon2": "2" } }',
      'loan-service/src/app.ts': "import { hash } from '@node-rs/argon2/x'\nimport { join } from 'node:path'",
      'loan-service/src/app.test.ts':
        "import { test } from '@jest/globals'\nimport { Redis } from 'ioredis'\nimport { app } from './app.js'",
      'tests/e2e/flow.e2e.test.ts': "import { hash } from '@node-rs/argon2'\nimport { x } from './steps.js'",
    },
  ],
}

export const packages: Rule[] = [declared]
