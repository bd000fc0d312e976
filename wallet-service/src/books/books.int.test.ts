import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type bookEntryDue, bookEntryDueBy } from '@countinghouse/shared/contracts/books'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { inbox } from '@countinghouse/shared/messaging/inbox'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { deadLetters as letters } from '@countinghouse/shared/ops/deadLetters'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent, publishEvents } from '@countinghouse/shared/testing/publish'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { blocks, entries } from '../ledger/store.js'
import { balanceOf, nothingWrong, wrongInTheBooks } from '../testing/client.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(walletService)
})
afterAll(() => service.close())
afterEach(async () => expect(await wrongInTheBooks(service)).toEqual(nothingWrong))

type Due = Parameters<typeof newEvent<typeof bookEntryDue.schema>>[2]
const due = (more: Partial<Due> = {}, amountMinor = 100n): Due => ({
  document: { kind: 'sale', id: uuidv7() },
  step: 'shipped',
  currency: 'USD',
  lines: [
    { account: 'cost_of_goods_sold', side: 'debit', amount_minor: amountMinor },
    { account: 'inventory', side: 'credit', amount_minor: amountMinor },
  ],
  description: 'Cost of what was shipped',
  occurred_at: '2026-11-21T09:30:00.000Z',
  ...more,
})
const told = (what: Due): Envelope => newEvent(bookEntryDueBy('inventory-service'), what.document.id, what)
const entriesOf = ({ document }: Due) =>
  readsOn(service.db).find(entries, { 'reference.id': document.id }, { sort: { height: 1, index: 1 } })
const handled = (event: Envelope) =>
  eventually(async () => expect(await readsOn(service.db).count(inbox, { eventId: event.id })).toBe(1))

test('what a document is due for is entered between the house’s accounts, under its name', async () => {
  const what = due()
  const event = told(what)
  await publishEvent(service.rabbitmqUrl, event)
  await handled(event)
  expect(await entriesOf(what)).toMatchObject([
    {
      key: `sale:${what.document.id}:shipped`,
      kind: 'sale',
      reference: what.document,
      actor: 'service:inventory-service',
      description: 'Cost of what was shipped',
      postings: [
        { accountId: 'house:cost_of_goods_sold:USD', side: 'debit', amountMinor: 100n },
        { accountId: 'house:inventory:USD', side: 'credit', amountMinor: 100n },
      ],
    },
  ])
})

test('however often it is delivered, and even announced anew, a step has one entry; the next step has its own', async () => {
  const what = due()
  const [first, again, next] = [told(what), told(what), told({ ...what, step: 'returned' })]
  await publishEvent(service.rabbitmqUrl, first, 5)
  await publishEvents(service.rabbitmqUrl, [again, next])
  for (const event of [first, again, next]) await handled(event)
  expect((await entriesOf(what)).map(({ key }) => key?.split(':')[2])).toEqual(['shipped', 'returned'])
})

test('a hundred steps at once on the same accounts are entered in few commits, each once', async () => {
  const before = await readsOn(service.db).count(blocks, {})
  const events = Array.from({ length: 100 }, (_, index) => told(due({}, BigInt(index + 1))))
  await publishEvents(service.rabbitmqUrl, [...events, ...events])
  for (const event of events) await handled(event)
  const ids = events.map(({ subject }) => subject)
  expect(await readsOn(service.db).count(entries, { 'reference.id': { $in: ids } })).toBe(100)
  expect((await readsOn(service.db).count(blocks, {})) - before).toBeLessThan(60)
})

test('what no book can hold is put with the dead letters at once, with the reason', async () => {
  const before = (await balanceOf(service, 'house:inventory:USD')).posted
  const entered = due()
  await publishEvent(service.rabbitmqUrl, told(entered))
  const good = told(due())
  const lines = (account: string, amount_minor: string) => [
    { account: 'cost_of_goods_sold', side: 'debit', amount_minor: '100' },
    { account, side: 'credit', amount_minor },
  ]
  const spoilt = (more: object) => ({ ...good, id: uuidv7(), data: { ...(good.data as object), ...more } })
  await publishEvents(service.rabbitmqUrl, [
    spoilt({ lines: lines('inventory', '99') }),
    spoilt({ lines: lines('petty_cash', '100') }),
    spoilt({ lines: lines('inventory', '0') }),
    told({ ...entered, lines: due({}, 7n).lines }),
  ])
  const reasons = await deadLetters(4)
  const expected = [
    expect.stringMatching(/breaks the contract .*debits and credits differ/s),
    expect.stringMatching(/breaks the contract .*account/s),
    expect.stringMatching(/breaks the contract .*must be above zero/s),
    expect.stringMatching(/in the books already, as entry/),
  ]
  expect(reasons).toEqual(expect.arrayContaining(expected))
  expect(await balanceOf(service, 'house:inventory:USD')).toMatchObject({ posted: before - 100n })
})

test('a producer that makes one of these fails at once, in its own transaction', () => {
  expect(() => told(due({ lines: due().lines.slice(0, 1) }))).toThrow()
  expect(() => told(due({ lines: [...due().lines.slice(0, 1), ...due({}, 99n).lines.slice(1)] }))).toThrow(/differ/)
})

/** The reasons of what is with the dead letters, once there are so many. */
const deadLetters = (count: number): Promise<string[]> =>
  eventually(async () => {
    const found = await readsOn(service.db).find(letters, { queue: 'wallet.books-events' })
    expect(found).toHaveLength(count)
    return found.map(({ reason }) => reason)
  })
