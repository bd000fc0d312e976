import type { Calendar } from '@countinghouse/shared/calendar'
import { wantsSampleData } from '@countinghouse/shared/config'
import { createServiceClient } from '@countinghouse/shared/http/client'
import type { Log } from '@countinghouse/shared/log'
import { exponentOf } from '@countinghouse/shared/money'
import { ensureCollections } from '@countinghouse/shared/mongo/collection'
import type { Migration } from '@countinghouse/shared/mongo/migrations'
import { startNightly } from '@countinghouse/shared/mongo/nightly'
import { inTransaction, native, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { ServiceDefinition, ServiceKit } from '@countinghouse/shared/service'
import type * as applications from './applications/commands.js'
import { enterLoan } from './applications/commands.js'
import { applicationEndpoints } from './applications/routes.js'
import { readSettings, type Settings } from './config.js'
import * as customerCommands from './customers/commands.js'
import type { Customer } from './customers/domain.js'
import { customerEndpoints } from './customers/routes.js'
import { customers, findCustomerOfUser, findEmails, hasCustomers } from './customers/store.js'
import { decideLoan } from './decisions/commands.js'
import { decisionEndpoints } from './decisions/routes.js'
import { askOnceMore as askForDisbursement, payOutWaiting } from './disbursements/commands.js'
import { disbursementConsumers } from './disbursements/consumers.js'
import { loanSaga } from './disbursements/desk.js'
import { disbursementEndpoints } from './disbursements/routes.js'
import { nightOfDocuments } from './documents/commands.js'
import { documentEndpoints } from './documents/routes.js'
import { loanDocuments } from './documents/store.js'
import { PLAIN_PRODUCT } from './engine/terms.js'
import { refusals } from './errors.js'
import type { Borrowers, LoanRules } from './loans/deps.js'
import type { Loan } from './loans/domain/loan.js'
import { readingEndpoints } from './loans/routes.js'
import { loans } from './loans/store/collection.js'
import { loanEvents } from './loans/store/events.js'
import { countOpenLoans, findExpired, findUnanswered } from './loans/store/loan.js'
import { askOnceMore } from './movements/commands/carryOut.js'
import type { Deps as MovementDeps } from './movements/commands/deps.js'
import { movementConsumers } from './movements/consumers.js'
import { movementSaga } from './movements/desk.js'
import { movementEndpoints } from './movements/routes.js'
import { findUnsettled, movements } from './movements/store.js'
import { createWallets } from './movements/wallets.js'
import { nightOfLoans } from './nightly/commands.js'
import { addStandard, getCurrent } from './products/commands.js'
import { productEndpoints } from './products/routes.js'
import { loanProducts } from './products/store.js'
import { repaymentEndpoints } from './repayments/routes.js'
import { reschedulingEndpoints } from './rescheduling/routes.js'
import { assessRisk } from './risk/domain.js'
import type * as sample from './sample/commands.js'
import { loadSampleLoans } from './sample/commands.js'
import { emiEndpoints, scheduleEndpoints } from './schedules/routes.js'
import { servicingEndpoints } from './servicing/routes.js'
import { startSweeper, type Sweep } from './timers/sweeper.js'
import { expireLoan } from './withdrawals/commands.js'
import { withdrawalEndpoints } from './withdrawals/routes.js'
import { writeOffEndpoints } from './writeOffs/routes.js'

/** The schema of loan-service, step by step; never changed, only followed. */
const migrations: readonly Migration[] = [
  { id: '0001-customers-and-loans', collections: [customers, loans] },
  {
    id: '0002-products-and-events',
    collections: [customers, loans, loanEvents, loanProducts],
    up: async (db) => {
      // What was entered before there were products was a plain loan.
      const plain = { productId: 'standard', productVersion: 1, product: PLAIN_PRODUCT, votes: [], eventCount: 0 }
      await native(db, loans).updateMany({ productId: { $exists: false } }, { $set: plain })
      const open = { disbursement: { $type: 'object' }, 'disbursement.attempts': { $exists: false } } as const
      await native(db, loans).updateMany(open, { $set: { 'disbursement.attempts': 1 } })
    },
  },
  {
    id: '0003-nights',
    up: async (db) => {
      const undated = { summary: { $type: 'object' }, 'summary.asOf': { $exists: false } } as const
      await native(db, loans).updateMany(undated, { $set: { 'summary.asOf': '1970-01-01' } })
      await ensureCollections(db, [loans])
    },
  },
  { id: '0004-documents', collections: [loanDocuments] },
  { id: '0004-movements', collections: [loans, movements] },
]

export const loanService: ServiceDefinition<Settings> = {
  name: 'loan-service',
  readSettings,
  refusals,
  migrations,
  build: (kit) => {
    const { db, now, log, settings } = kit
    const { rules, customerDeps, ...deps } = depsOf(kit)
    const loanDeps = { rules, ...deps }
    const sweeper = { db, now, log, everyMs: Math.min(SWEEP_EVERY_MS, settings.LOAN_ANSWER_WITHIN_SECONDS * 1000) }
    const documentDeps = { ...loanDeps, files: kit.files, documentMaxBytes: settings.LOAN_DOCUMENT_MAX_BYTES }
    return {
      endpoints: [
        ...customerEndpoints(customerDeps),
        ...productEndpoints({ db, now, currency: rules.currency }),
        ...applicationEndpoints(loanDeps),
        ...decisionEndpoints(loanDeps),
        ...withdrawalEndpoints(loanDeps),
        ...disbursementEndpoints(loanDeps),
        ...emiEndpoints(loanDeps),
        ...scheduleEndpoints(loanDeps),
        ...repaymentEndpoints(loanDeps),
        ...servicingEndpoints(loanDeps),
        ...writeOffEndpoints(loanDeps),
        ...reschedulingEndpoints(loanDeps),
        ...movementEndpoints(loanDeps),
        ...documentEndpoints(documentDeps),
        ...readingEndpoints(loanDeps),
      ],
      consumers: {
        'loan.wallet-events': disbursementConsumers(loanDeps),
        'loan.movement-events': movementConsumers(loanDeps),
      },
      sagas: [loanSaga, movementSaga],
      background: [
        () => startSweeper({ ...sweeper, lease: 'loan-timers', sweeps: loanSweeps(loanDeps) }),
        () => startSweeper({ ...sweeper, lease: 'loan-movements', sweeps: [movementSweep(loanDeps)] }),
        () => startNightly(nightOfLoans({ ...kit, addressesOf: findEmails, batchSize: NIGHT_BATCH })),
        () => startNightly(nightOfDocuments({ ...documentDeps, ...kit })),
      ],
      prepare: async () => {
        await inTransaction(db, (tx) => addStandard(tx, { currency: rules.currency, by: 'system', at: now() }))
        if (wantsSampleData(settings)) await loadSampleLoans(sampleDepsOf(loanDeps, log))
      },
    }
  },
}

const SWEEP_EVERY_MS = 5_000
const NIGHT_BATCH = 100

const loanSweeps = (deps: MovementDeps): Sweep[] => {
  const { db, now } = deps
  const each = (step: (tx: Tx, loan: Loan) => Promise<void>) => (found: readonly Loan[]) =>
    found.map((loan) => () => inTransaction(db, (tx) => step(tx, loan)))
  return [
    (at, limit) => findUnanswered(readsOn(db), at, limit).then(each((tx, loan) => askForDisbursement(tx, deps, loan))),
    (at, limit) => findExpired(readsOn(db), at, limit).then(each((tx, loan) => expireLoan(tx, loan, now()))),
  ]
}

const movementSweep =
  (deps: MovementDeps): Sweep =>
  async (at, limit) =>
    (await findUnsettled(readsOn(deps.db), at, limit)).map((movement) => () => askOnceMore(deps, movement))

type AllDeps = applications.Deps & MovementDeps & { customerDeps: customerCommands.Deps }

const depsOf = ({ settings, db, now, log, calendar, serviceToken }: ServiceKit<Settings>): AllDeps => {
  const rules = rulesOf(settings, calendar)
  const limits = { score: rules.riskLimit, termMonthsMax: rules.maxTermMonths }
  const customerDeps: customerCommands.Deps = {
    ...{ db, now, auth: createServiceClient('auth-service', settings.AUTH_URL) },
    loans: { countOpen: countOpenLoans, payOutWaiting: (tx, link) => payOutWaiting(tx, { now, rules }, link) },
  }
  return {
    ...{ db, now, log, rules, customerDeps, borrowers: borrowersAmong(customerDeps) },
    wallets: createWallets(createServiceClient('wallet-service', settings.WALLET_URL, serviceToken)),
    lendingOf: getCurrent,
    assess: (application) => assessRisk(application, limits),
  }
}

const sampleDepsOf = (deps: applications.Deps, log: Log): sample.Deps => {
  const { db, now, rules } = deps
  return {
    ...{ db, log, hasCustomers, currency: rules.currency },
    addCustomer: async (tx, fields) => toBorrower(await customerCommands.addCustomer(tx, fields, now())),
    enterLoan: (tx, request) => enterLoan(tx, deps, { ...request, productId: undefined, ownApplication: false }),
    decideLoan: (tx, decision) => decideLoan(tx, deps, { ...decision, decider: { userId: 'system', isAdmin: true } }),
  }
}

const rulesOf = (settings: Settings, { dayOf }: Calendar): LoanRules => {
  const currency = settings.DEFAULT_CURRENCY
  const unitMinor = 10n ** BigInt(exponentOf(currency))
  return {
    currency,
    timeZone: settings.BUSINESS_TIMEZONE,
    riskLimit: settings.RISK_REJECT_THRESHOLD,
    maxAmountMinor: settings.LOAN_MAX_AMOUNT * unitMinor,
    maxTermMonths: settings.LOAN_MAX_TERM_MONTHS,
    maxOpen: settings.LOAN_MAX_OPEN,
    unassessedMaxMinor: settings.LOAN_UNASSESSED_MAX * unitMinor,
    dualControlAboveMinor: settings.LOAN_DUAL_CONTROL_ABOVE * unitMinor,
    offerDays: settings.LOAN_OFFER_DAYS,
    answerWithinMs: settings.LOAN_ANSWER_WITHIN_SECONDS * 1000,
    dayOf,
  }
}

const borrowersAmong = (deps: customerCommands.Deps): Borrowers => ({
  findOfUser: async (reads, userId) => {
    const customer = await findCustomerOfUser(reads, userId)
    return customer && toBorrower(customer)
  },
  get: async (reads, customerId) => toBorrower(await customerCommands.getCustomer(reads, customerId)),
  getForDecision: async (tx, customerId) => toBorrower(await customerCommands.getForDecision(tx, customerId)),
  countLoan: customerCommands.countLoan,
  introduce: async (applicant) => {
    const findOrAdd = await customerCommands.introduce(deps, applicant)
    return async (tx) => toBorrower(await findOrAdd(tx))
  },
})

const toBorrower = ({ _id, userId }: Customer) => ({ customerId: _id, userId })
