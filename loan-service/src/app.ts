import { createServiceClient } from '@countinghouse/shared/http/client'
import { exponentOf } from '@countinghouse/shared/money'
import { ensureCollections } from '@countinghouse/shared/mongo/collection'
import type { ServiceDefinition, ServiceKit } from '@countinghouse/shared/service'
import { readSettings, type Settings } from './config.js'
import * as customerCommands from './customers/commands.js'
import type { Customer } from './customers/domain.js'
import { customerEndpoints } from './customers/routes.js'
import { customers, findCustomerOfUser } from './customers/store.js'
import { refusals } from './errors.js'
import { walletEventHandlers } from './loans/consumers.js'
import type { Borrowers, Deps, LoanRules } from './loans/deps.js'
import { applicationEndpoints } from './loans/routes/applications.js'
import { decisionEndpoints } from './loans/routes/decisions.js'
import { readingEndpoints } from './loans/routes/reading.js'
import { loans } from './loans/store/collection.js'
import { assessRisk } from './risk/domain.js'

export const loanService: ServiceDefinition<Settings> = {
  name: 'loan-service',
  readSettings,
  refusals,
  migrations: [{ id: '0001-customers-and-loans', up: (db) => ensureCollections(db, [customers, loans]) }],
  build: (kit) => {
    const deps = loanDeps(kit)
    return {
      endpoints: [
        ...customerEndpoints(kit),
        ...applicationEndpoints(deps),
        ...decisionEndpoints(deps),
        ...readingEndpoints(deps),
      ],
      consumers: { 'loan.wallet-events': walletEventHandlers(deps) },
    }
  },
}

const loanDeps = (kit: ServiceKit<Settings>): Deps => {
  const { settings, db, now } = kit
  const rules = rulesOf(settings)
  const limits = { score: rules.riskLimit, termMonthsMax: rules.maxTermMonths }
  const auth = createServiceClient('auth-service', settings.AUTH_URL)
  const borrowers = borrowersAmong({ db, now, auth })
  return { db, now, rules, borrowers, assess: (application) => assessRisk(application, limits) }
}

const rulesOf = (settings: Settings): LoanRules => {
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
  }
}

const borrowersAmong = (deps: customerCommands.Deps): Borrowers => ({
  findOfUser: async (reads, userId) => {
    const customer = await findCustomerOfUser(reads, userId)
    return customer && toBorrower(customer)
  },
  get: async (reads, customerId) => toBorrower(await customerCommands.getCustomer(reads, customerId)),
  countLoan: customerCommands.countLoan,
  introduce: async (applicant) => {
    const findOrAdd = await customerCommands.introduce(deps, applicant)
    return async (tx) => toBorrower(await findOrAdd(tx))
  },
})

const toBorrower = ({ _id, userId }: Customer) => ({ customerId: _id, userId })
