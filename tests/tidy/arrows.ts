import { isPure, isShipped, placeOf } from './place.js'
import { importRule, type Rule } from './rule.js'

const wallet = 'wallet-service/src'

// What each role of a feature must not know: routes, consumers → commands → domain, store, events; store, events → domain.
const unknownTo: Record<string, string[]> = {
  routes: ['consumers', 'events'],
  consumers: ['routes', 'store', 'events'],
  commands: ['routes', 'consumers'],
  store: ['routes', 'consumers', 'commands', 'events'],
  events: ['routes', 'consumers', 'commands', 'store'],
  domain: ['routes', 'consumers', 'commands', 'store', 'events'],
}
const wiredByAppAlone = ['routes', 'consumers']

const wiresEverything = (path: string): boolean => {
  const { feature, role, isTest, isTesting } = placeOf(path)
  return isTest || isTesting || (feature === undefined && ['app', 'main'].includes(role))
}

const roles = importRule({
  name: 'within a service, imports follow the arrows',
  problem: (path, target) => {
    const [from, to] = [placeOf(path), placeOf(target)]
    if (!from.isService || from.home !== to.home || to.feature === undefined || wiresEverything(path)) return false
    if (isPure(target)) return false
    const forbidden = unknownTo[from.role] ?? wiredByAppAlone
    return forbidden.includes(to.role) && `${from.role} must not know ${to.role}`
  },
  breaks: Object.entries({ ...unknownTo, helpers: wiredByAppAlone }).flatMap(([from, targets]) =>
    targets.map((to) => ({ [`${wallet}/holds/${from}.ts`]: `import { x } from './${to}.js'` })),
  ),
  allows: [
    { [`${wallet}/holds/routes.ts`]: "import { holdOf } from './store.js'\nimport { makeHold } from './commands.js'" },
    {
      [`${wallet}/holds/commands.ts`]: "import { findHold } from './store.js'\nimport { holdMade } from './events.js'",
    },
    { [`${wallet}/holds/routes.int.test.ts`]: "import { holdMade } from './events.js'" },
    { 'loan-service/src/loans/domain.ts': "import type { LoanEvent } from '../engine/events.js'" },
    { [`${wallet}/app.ts`]: "import { holdEndpoints } from './holds/routes.js'" },
    { [`${wallet}/testing/start.ts`]: "import { holdEndpoints } from '../holds/routes.js'" },
  ],
})

// The features of a service that its other features build on; each of them knows those before it.
const foundations: Record<string, string[]> = {
  'wallet-service': ['ledger', 'payments'],
  'loan-service': ['engine', 'loans', 'movements'],
  'inventory-service': [
    'stock',
    'items',
    'parties',
    'approvals',
    'categories',
    'products',
    'coupons',
    'carts',
    'orders',
  ],
  'reporting-service': ['charts', 'reports', 'forecasts', 'anomalies', 'books', 'trade'],
}

const buildsOn = (home: string, feature: string | undefined, target: string): boolean => {
  const known = foundations[home] ?? []
  const [place, targetPlace] = [known.indexOf(feature ?? ''), known.indexOf(target)]
  return feature !== undefined && targetPlace >= 0 && (place < 0 || targetPlace < place)
}

const features = importRule({
  name: 'features know the ledger, never one another',
  problem: (path, target) => {
    const [from, to] = [placeOf(path), placeOf(target)]
    if (!from.isService || from.home !== to.home || to.feature === undefined || wiresEverything(path)) return false
    if (to.feature === from.feature || buildsOn(from.home, from.feature, to.feature)) return false
    return from.feature === undefined ? 'only app.ts and main.ts know features' : `${from.feature} must not know it`
  },
  breaks: [
    { [`${wallet}/holds/commands.ts`]: "import { openWallet } from '../wallets/commands.js'" },
    { [`${wallet}/holds/domain.ts`]: "import type { Wallet } from '../wallets/domain.js'" },
    { [`${wallet}/ledger/store.ts`]: "import { walletOf } from '../wallets/domain.js'" },
    { [`${wallet}/errors.ts`]: "import { walletRefusals } from './wallets/domain.js'" },
    { 'loan-service/src/loans/commands.ts': "import { post } from '../ledger/store.js'" },
    { 'loan-service/src/engine/fold.ts': "import type { Loan } from '../loans/domain/loan.js'" },
    { 'loan-service/src/errors.ts': "import { fold } from './engine/fold.js'" },
  ],
  allows: [
    { [`${wallet}/holds/commands.ts`]: "import { post } from '../ledger/store.js'" },
    { 'loan-service/src/loans/commands.ts': "import { fold } from '../engine/fold.js'" },
    { 'loan-service/src/repayments/commands.ts': "import { getLoan } from '../loans/commands.js'" },
    { [`${wallet}/holds/routes.ts`]: "import type { Config } from '../config.js'" },
    { [`${wallet}/main.ts`]: "import { startSweeper } from './holds/sweeper.js'" },
  ],
})

const homes = importRule({
  name: 'services know shared, never one another; shared knows no service',
  problem: (path, target) => {
    const [from, to] = [placeOf(path), placeOf(target)]
    if (!target.includes('/src/') || from.home === to.home) return false
    if (from.isService) return to.home !== 'shared' && `talk to ${to.home} by events or HTTP; share only contracts`
    return from.home === 'shared' && `shared must not know ${to.home}`
  },
  breaks: [
    { [`${wallet}/app.ts`]: "import { loan } from '../../loan-service/src/loans/domain.js'" },
    { [`${wallet}/app.test.ts`]: "import { loan } from '../../loan-service/src/loans/domain.js'" },
    { 'gateway/src/app.ts': "import type { Wallet } from '@countinghouse/wallet-service/wallets/domain'" },
    { 'shared/src/money.ts': "import { x } from '@countinghouse/wallet-service/ledger/domain'" },
    { 'shared/src/money.ts': "const x = await import('../../scripts/src/start.js')" },
  ],
  allows: [
    { [`${wallet}/app.ts`]: "import { log } from '@countinghouse/shared/log'" },
    { 'tests/e2e/flow.e2e.test.ts': "import { start } from '@countinghouse/scripts/start'" },
    { 'scripts/src/demo.ts': "import { login } from '../../auth-service/src/sessions/domain.js'" },
  ],
})

const testing = importRule({
  name: 'test helpers stay out of what ships',
  problem: (path, target) => isShipped(path) && target.includes('/testing/') && 'only tests and scripts use testing/',
  breaks: [
    { [`${wallet}/app.ts`]: "import { testServers } from '@countinghouse/shared/testing/servers'" },
    { 'shared/src/log.ts': "import { eventually } from './testing/eventually.js'" },
  ],
  allows: [
    { [`${wallet}/app.int.test.ts`]: "import { testServers } from '@countinghouse/shared/testing/servers'" },
    { 'scripts/src/test.ts': "import { eventually } from '@countinghouse/shared/testing/eventually'" },
    { 'shared/src/testing/service.ts': "import { eventually } from './eventually.js'" },
  ],
})

const config = importRule({
  name: 'config arrives as an argument',
  problem: (path, target, typeOnly) => {
    const { feature, role, isService } = placeOf(target)
    if (!isService || feature !== undefined || role !== 'config' || typeOnly || wiresEverything(path)) return false
    return placeOf(path).isService && 'import its type and take the value from deps'
  },
  breaks: [{ [`${wallet}/holds/commands.ts`]: "import { config } from '../config.js'" }],
  allows: [
    { [`${wallet}/holds/commands.ts`]: "import type { Config } from '../config.js'" },
    { [`${wallet}/holds/commands.ts`]: "import { type Config } from '../config.js'" },
    { [`${wallet}/main.ts`]: "import { config } from './config.js'" },
  ],
})

export const arrows: Rule[] = [roles, features, homes, testing, config]
