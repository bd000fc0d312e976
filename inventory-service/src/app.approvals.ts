import { exponentOf } from '@countinghouse/shared/money'
import type { Migration } from '@countinghouse/shared/mongo/migrations'
import type { ServiceKit, ServiceParts } from '@countinghouse/shared/service'
import type { ApprovalKind } from './approvals/commands.js'
import type { GateDeps } from './approvals/gate.js'
import { approvalEndpoints } from './approvals/routes.js'
import { approvals, tallies } from './approvals/store.js'
import { startApprovalSweeper } from './approvals/sweeper.js'
import type { Settings } from './config.js'

export const approvalMigrations: readonly Migration[] = [{ id: '0004-approvals', collections: [approvals, tallies] }]

/** What a feature needs to put its documents before those who approve. */
export const gateDepsOf = ({ db, now, settings, calendar: { dayOf } }: ServiceKit<Settings>): GateDeps => {
  const { DEFAULT_CURRENCY: currency, APPROVALS_REQUIRED: needed, APPROVAL_DAYS: days } = settings
  const thresholdMinor = settings.APPROVAL_THRESHOLD * 10n ** BigInt(exponentOf(currency))
  return { db, now, approvalRules: { currency, thresholdMinor, needed, days, dayOf } }
}

/** The approvals of all kinds of documents. */
export const approvalParts = (
  { db, now, log }: ServiceKit<Settings>,
  kinds: readonly ApprovalKind[],
): ServiceParts => ({
  endpoints: approvalEndpoints({ db, now, kinds }),
  background: [() => startApprovalSweeper({ db, now, log })],
})
