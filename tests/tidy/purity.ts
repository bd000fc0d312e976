import { isPure, placeOf } from './place.js'
import type { Rule } from './rule.js'
import type { Source } from './source.js'

const realServers = /\/testing\/(servers|real\w+)\.ts$/

// Modules of `shared` that a domain may run, and those of which it may only know the types.
const pureShared = /^shared\/src\/(money|fraction|refusal)\.ts$/
const pureTypes = /^shared\/src\/(uuid|contracts\/.+)\.ts$/

/** The files that a file imports, directly or not, itself first. */
const reachedFrom = (start: Source, byPath: Map<string, Source>, follow: (target: string) => boolean): Source[] => {
  const reached = new Set([start])
  for (const { imports } of reached) {
    for (const { target } of imports) {
      const next = follow(target) ? byPath.get(target) : undefined
      if (next) reached.add(next)
    }
  }
  return [...reached]
}

const impureImports = ({ path, imports }: Source): string[] =>
  imports
    .filter(({ target, typeOnly }) => {
      if (pureShared.test(target)) return false
      if (pureTypes.test(target)) return !typeOnly
      return !target.includes('/src/') || placeOf(target).home === 'shared'
    })
    .map(({ specifier }) => `${path} imports ${specifier}`)

const domains: Rule = {
  name: 'a domain and all it imports are pure',
  violations: (sources) => {
    const byPath = new Map(sources.map((source) => [source.path, source]))
    return sources
      .filter(({ path }) => isPure(path))
      .flatMap((domain) =>
        reachedFrom(domain, byPath, (target) => !pureTypes.test(target))
          .flatMap(impureImports)
          .map((found) => `${found}: ${domain.path} must stay pure, so take it as an argument`),
      )
  },
  breaks: [
    { 'loan-service/src/loans/domain.ts': "import { randomUUID } from 'node:crypto'" },
    { 'loan-service/src/loans/domain.ts': "import type { Connection } from 'mongoose'" },
    { 'loan-service/src/loans/domain.ts': "import { uuidv7 } from '@countinghouse/shared/uuid'" },
    { 'loan-service/src/loans/domain.ts': "import { loanApproved } from '@countinghouse/shared/contracts/loan'" },
    { 'loan-service/src/loans/domain.ts': "import type { Tx } from '@countinghouse/shared/mongo/transaction'" },
    { 'loan-service/src/engine/fold.ts': "import type { Tx } from '@countinghouse/shared/mongo/transaction'" },
    {
      'loan-service/src/loans/domain.ts': "import { riskOf } from './risk.js'",
      'loan-service/src/loans/risk.ts': "import { z } from 'zod'",
    },
    {
      'loan-service/src/loans/domain.ts': "import { toMinor } from '@countinghouse/shared/money'",
      'shared/src/money.ts': "import { log } from './log.js'",
    },
  ],
  allows: [
    {
      'wallet-service/src/holds/domain.ts':
        "import { refuse } from '../errors.js'\nimport { debit } from '../ledger/domain.js'",
      'wallet-service/src/ledger/domain.ts':
        "import type { WalletCredited } from '@countinghouse/shared/contracts/wallet'",
      'wallet-service/src/errors.ts': "import { refuser } from '@countinghouse/shared/refusal'",
      'shared/src/contracts/wallet.ts': "import { z } from 'zod'",
    },
    { 'wallet-service/src/holds/domain.test.ts': "import fc from 'fast-check'" },
    { 'loan-service/src/engine/testing/loans.ts': "import fc from 'fast-check'" },
  ],
}

const pureTests: Rule = {
  name: 'a test that needs a server says so in its name',
  violations: (sources) => {
    const byPath = new Map(sources.map((source) => [source.path, source]))
    return sources
      .filter(({ path }) => path.endsWith('.test.ts') && !/\.(int|e2e)\.test\.ts$/.test(path))
      .filter((test) =>
        reachedFrom(test, byPath, () => true).some(({ imports }) =>
          imports.some(({ target, typeOnly }) => !typeOnly && realServers.test(target)),
        ),
      )
      .map(({ path }) => `${path} starts a real server: call it ${path.replace('.test.ts', '.int.test.ts')}`)
  },
  breaks: [
    { 'shared/src/lease.test.ts': "import { testServers } from './testing/servers.js'" },
    {
      'shared/src/lease.test.ts': "import { startTestService } from './testing/service.js'",
      'shared/src/testing/service.ts': "import { testServers } from './servers.js'",
    },
  ],
  allows: [{ 'shared/src/lease.int.test.ts': "import { testServers } from './testing/servers.js'" }],
}

export const purity: Rule[] = [domains, pureTests]
