import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { serviceNames } from '@countinghouse/scripts/system/names'
import { accessRules } from './api/access.js'
import { openHouse, type House } from './api/house.js'
import { limitRules } from './api/limits.js'
import { ownershipRules } from './api/ownership.js'
import { MARK, refusalRules } from './api/refusals.js'
import { desk } from './desk.js'
import { mainFlow } from './mainFlow.js'
import { shopping } from './shopping.js'

// One system for all that does it no harm: the first part needs it new, the last throws at it whatever there is.
let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.system.close())

describe('the main flow', () => mainFlow(() => house.system))
describe('the shop', () => shopping(() => house.system))
describe('the desk', () => desk(() => house.system))

test('the document that the gateway serves is the one that is generated', async () => {
  const file = new URL('../../docs/generated/openapi.json', import.meta.url)
  const served = await fetch(`${house.system.gatewayUrl}/openapi.json`)
  expect(await served.json()).toEqual(JSON.parse(readFileSync(file, 'utf8')))
})

test('an address or headers longer than anybody needs are refused in the form of the API', async () => {
  const long = 'x'.repeat(60_000)
  const answers = await Promise.all([
    fetch(`${house.system.gatewayUrl}/loans?${long}`),
    fetch(`${house.system.gatewayUrl}/loans`, { headers: { 'x-long': long } }),
  ])
  for (const answer of answers) {
    expect([413, 414, 431]).toContain(answer.status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ status: answer.status })
  }
})

refusalRules(() => house)
accessRules(() => house)
ownershipRules(() => house)
limitRules(() => house)

test('no hostile request has left a trace in any database', async () => {
  const traces: string[] = []
  let searched = 0
  for (const name of serviceNames) {
    if (name === 'gateway') continue
    const { db } = await house.system.database(name)
    for (const { name: collection } of (await db?.listCollections().toArray()) ?? []) {
      const documents = (await db?.collection(collection).find().toArray()) ?? []
      searched += documents.length
      traces.push(...documents.map(toText).filter((text) => text.includes(MARK)))
    }
  }
  expect(searched).toBeGreaterThan(100)
  expect(traces).toEqual([])
})

const toText = (document: object): string =>
  JSON.stringify(document, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
