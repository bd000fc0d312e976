import { expect, test } from '@jest/globals'
import { complaintsOf, toPage } from './report.js'
import { balancesOf, misnumbered, talliesOf, type Attempt, type Happened } from './tally.js'

const sale = (marker: string, told: string): Attempt => ({
  ...{ kind: 'sale', marker, outcome: 'acknowledged', failures: 0, told, moves: { cup: -1n } },
})
const attempts = [sale('s1', 'SO-1'), sale('s2', 'SO-2')]

const outcomeOf = (happened: Happened) => ({
  ...{
    calm: { afterMs: 1 },
    recoveries: [{ fault: 'kill mongodb', recoveredMs: 1 }],
    refusals: new Map<string, number>(),
  },
  ...{ tallies: talliesOf(['sale'], happened), checks: [{ name: 'debits equal credits', problems: [] }], seconds: 1 },
})
const setting = { seed: 1, clients: 1, rounds: 1, at: new Date(0), servers: 'none' }

test('a run after which everything is there once is called good', () => {
  const outcome = outcomeOf({ attempts, found: { sale: ['s1', 's2'] } })
  expect(complaintsOf(outcome)).toEqual([])
  expect(toPage(outcome, setting)).toContain('**Nothing lost, nothing twice, everything recovered.**')
})

test('a run that lost one effect and had another twice is not called good, and says which', () => {
  const outcome = outcomeOf({ attempts, found: { sale: ['s2', 's2'] } })
  expect(complaintsOf(outcome)).toEqual(['sale: lost s1', 'sale: duplicated s2'])
  expect(toPage(outcome, setting)).toContain('**What went wrong:**\n\n- sale: lost s1\n- sale: duplicated s2')
})

test('a fault that nothing recovered from, and a check that found something, are told', () => {
  const good = outcomeOf({ attempts, found: { sale: ['s1', 's2'] } })
  const recoveries = [{ fault: 'kill redis', why: 'a loan came no further than approved' }]
  const checks = [{ name: 'debits equal credits', problems: ['the trial balance is not zero'] }]
  expect(complaintsOf({ ...good, recoveries, checks })).toEqual([
    'kill redis: not recovered: a loan came no further than approved',
    'debits equal credits: the trial balance is not zero',
  ])
})

test('an effect that is lost is missing from what there must be, and one under another number is told', () => {
  expect(balancesOf({ attempts, found: { sale: ['s2', 's2'] } }).get('cup')).toBe(-1n)
  const numbers = new Map([
    ['s1', 'SO-1'],
    ['s2', 'SO-3'],
  ])
  expect(misnumbered(attempts, 'sale', numbers)).toEqual(['sale s2 was told as SO-2, and is SO-3'])
})
