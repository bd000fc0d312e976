import { expect, test } from '@jest/globals'
import { decide, openApproval, statusOf, takeBack, type Approval, type ApprovalRules } from './domain.js'

const now = new Date('2026-11-21T10:00:00Z')
const rules: ApprovalRules = { currency: 'USD', thresholdMinor: 100n, needed: 2, days: 7, dayOf: () => '2026-11-21' }
const open = (makers = ['ann'], needed = 2): Approval => {
  const draft = { kind: 'sale', subjectId: null, document: {}, party: null, amountMinor: 101n, makers, replaces: null }
  return openApproval({ _id: 'approval', ...draft }, { ...rules, needed }, now)
}
const approve = (approval: Approval, by: string, at = now) =>
  decide(approval, { by, verdict: 'approve', reason: null, at })
const refusalOf = (act: () => unknown): string | undefined => {
  try {
    act()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return undefined
}

test('it takes as many different people as are asked for', () => {
  const once = approve(open(), 'bob')
  expect(once.status).toBe('pending')
  expect(refusalOf(() => approve(once, 'bob'))).toBe('document_already_approved')
  expect(approve(once, 'cleo')).toMatchObject({ status: 'approved', closedAt: now })
  expect(approve(open(['ann'], 1), 'bob').status).toBe('approved')
})

test('no maker decides, however many there are', () => {
  for (const maker of ['ann', 'bob']) expect(refusalOf(() => approve(open(['ann', 'bob']), maker))).toBe('own_document')
})

test('one rejection ends it, and what has ended stays so', () => {
  const rejected = decide(open(), { by: 'bob', verdict: 'reject', reason: 'No', at: now })
  expect(rejected.status).toBe('rejected')
  for (const ended of [rejected, takeBack(open(), now)]) {
    expect(refusalOf(() => approve(ended, 'cleo'))).toBe('approval_closed')
    expect(refusalOf(() => takeBack(ended, now))).toBe('approval_closed')
  }
})

test('when its time is over it counts as expired, also before anybody wrote that down', () => {
  const week = new Date(now.getTime() + 7 * 24 * 3600 * 1000)
  expect(statusOf(open(), new Date(week.getTime() - 1))).toBe('pending')
  expect(statusOf(open(), week)).toBe('expired')
  expect(refusalOf(() => approve(open(), 'bob', week))).toBe('approval_closed')
})
