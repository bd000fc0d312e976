import { expect, test } from '@jest/globals'
import type { Happening } from './events.js'
import { fold } from './fold.js'
import { assertTakes } from './guard.js'
import { lifeOf, repaid, START, termsOf } from './testing/loans.js'

const terms = termsOf()
const charged: Happening = { kind: 'charged', part: 'fees', amountMinor: 30_00n }
const active = fold(terms, lifeOf(terms, [START, charged]), START)
const writtenOff = fold(terms, lifeOf(terms, [START, { kind: 'written_off' }]), START)

test.each([
  ['repayment_above_outstanding', active, repaid(1_230_00n), repaid(1_230_01n)],
  ['waiver_above_owed', active, waived(30_00n), waived(30_01n)],
  ['recovery_above_written_off', writtenOff, recovered(1_200_00n), recovered(1_200_01n)],
  ['refund_above_credit', active, undefined, { kind: 'credit_refunded', amountMinor: 1n } as const],
])('%s: the limit itself is taken, a cent more is refused', (code, state, taken, refused) => {
  const assert = (happening: Happening) => {
    assertTakes(state, happening, 'USD')
  }
  if (taken) expect(() => assert(taken)).not.toThrow()
  expect(() => assert(refused)).toThrow(expect.objectContaining({ code, status: 422 }))
})

function waived(amountMinor: bigint): Happening {
  return { kind: 'waived', part: 'fees', amountMinor }
}

function recovered(amountMinor: bigint): Happening {
  return { kind: 'recovered', amountMinor }
}
