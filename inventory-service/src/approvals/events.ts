import { approvalClosed, approvalOpened } from '@countinghouse/shared/contracts/approvals'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Approval } from './domain.js'

export const toApprovalOpened = (approval: Approval): Envelope => {
  const { _id, kind, party, amountMinor, currency, makers, needed, replaces, openedAt, expiresAt } = approval
  return newEvent(approvalOpened, _id, {
    ...{ approval_id: _id, kind, party, amount_minor: amountMinor, currency, makers, needed, replaces },
    opened_at: openedAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  })
}

export const toApprovalClosed = ({ _id, kind, status, decisions, result, closedAt }: Approval): Envelope => {
  if (status === 'pending' || !closedAt) throw new Error('An approval that is pending is not closed')
  return newEvent(approvalClosed, _id, {
    ...{ approval_id: _id, kind, outcome: status, result },
    decisions: decisions.map(({ at, ...decision }) => ({ ...decision, at: at.toISOString() })),
    closed_at: closedAt.toISOString(),
  })
}
