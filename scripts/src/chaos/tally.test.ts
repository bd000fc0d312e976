import { expect, test } from '@jest/globals'
import { balancesOf, tallyOf, type Attempt } from './tally.js'

const attempt = (marker: string, outcome: Attempt['outcome'], failures = 0): Attempt => ({
  ...{ kind: 'transfer', marker, outcome, failures },
  moves: { payer: -5n, payee: 5n },
})
const attempts = [
  attempt('there', 'acknowledged'),
  attempt('gone', 'acknowledged', 2),
  attempt('twice', 'acknowledged', 1),
  attempt('no', 'refused'),
  attempt('given up', 'unknown', 1),
  attempt('given up and gone', 'unknown', 1),
]

test('what was acknowledged and is gone, is there twice, or was never asked for is told by its name', () => {
  const found = ['there', 'twice', 'twice', 'no', 'given up', 'stranger']
  expect(tallyOf('transfer', attempts, found)).toEqual({
    ...{ kind: 'transfer', attempt: 6, acknowledged: 3, refused: 1, repeated: 2, recovered: 1 },
    ...{ lost: ['gone'], duplicated: ['twice'], unexpected: ['no', 'stranger'] },
  })
})

test('a run in which all went well has nothing to tell', () => {
  const good = attempts.filter(({ marker }) => ['there', 'no', 'given up and gone'].includes(marker))
  expect(tallyOf('transfer', good, ['there'])).toMatchObject({ lost: [], duplicated: [], unexpected: [], recovered: 0 })
})

test('a wallet must hold what the effects that took place come to', () => {
  expect(balancesOf({ attempts, found: { transfer: ['there', 'given up'], credit: ['gone'] } })).toEqual(
    new Map([
      ['payer', -10n],
      ['payee', 10n],
    ]),
  )
})
