import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { approvalClosed, approvalOpened } from '@countinghouse/shared/contracts/approvals'
import { commitCompanions } from '@countinghouse/shared/mongo/companion'
import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { sales } from '../sales/store.js'
import { AMBER, atOnce, openTradeHouse, tally, type TradeHouse } from '../testing/trade.js'
import { expire } from './commands.js'
import { WaitsForApproval, gate, type GateDeps } from './gate.js'
import { approvals, findLapsed } from './store.js'

let house: TradeHouse
beforeAll(async () => {
  house = await openTradeHouse()
  await house.stocked(AMBER, 1_000_000)
})
afterAll(() => house.close())

/** A sale of 2501 bottles for 4.00 each comes to 10004.00. */
const large = (more: object = {}, userId = 'maker') =>
  house.sell([{ item_id: AMBER, quantity: 2501 }], { userId, ...more })
const submit = async (userId = 'maker'): Promise<string> => (await large({}, userId)).body.approval_id as string
const say = (id: string, word: 'approve' | 'reject' | 'withdraw', userId: string, more: object = {}) =>
  house.call('post', `/approvals/${id}/${word}`, { userId, ...more })
const approve = (id: string, userId: string, more: object = {}) => say(id, 'approve', userId, more)
const salesOf = (saleMaker: string) => readsOn(house.db).find(sales, { createdBy: saleMaker })

test('a document above the threshold waits without effect; one at it does not wait', async () => {
  const [at, level] = [await house.sell([{ item_id: AMBER, quantity: 2500 }]), await house.levelOf(AMBER)]
  expect([at.status, at.body.total_price]).toEqual([201, 10_000])
  const waiting = await large({ key: 'large' })
  expect(waiting.status).toBe(202)
  expect(waiting.body).toMatchObject({
    ...{ kind: 'sale', status: 'pending_approval', amount: 10_004, approvals: { given: 0, needed: 2 } },
  })
  expect((await large({ key: 'large' })).body).toEqual(waiting.body)
  expect(await house.levelOf(AMBER)).toEqual(level)
  expect(await salesOf('maker')).toEqual([])
  const opened = (await announced(house.db, approvalOpened)).filter(
    ({ subject }) => subject === waiting.body.approval_id,
  )
  expect(opened).toHaveLength(1)
})

test('nobody is asked to approve what cannot be done', async () => {
  await house.stocked('scarce', 10)
  const answer = await house.sell([{ item_id: 'scarce', quantity: 2600 }])
  expect(answer.body).toMatchObject({ status: 400, item_id: 'scarce', available: 10 })
})

test('the second approval lets it take effect, for its maker, in one commit with the decision', async () => {
  const [id, before] = [await submit('ann'), await house.levelOf(AMBER)]
  const first = await approve(id, 'bob')
  expect(first.body).toMatchObject({ status: 'pending', approvals: { given: 1, needed: 2 }, result: null })
  expect(await salesOf('ann')).toEqual([])
  const second = await approve(id, 'cleo')
  expect(second.body).toMatchObject({ status: 'approved', approvals: { given: 2, needed: 2 } })
  const [sale] = await salesOf('ann')
  expect(second.body.result).toBe(sale?._id)
  expect(sale).toMatchObject({ totalMinor: 1_000_400n, createdBy: 'ann', status: 'confirmed' })
  expect((await house.levelOf(AMBER)).onHand).toBe(before.onHand - 2501)
  const closed = (await announced(house.db, approvalClosed)).filter(({ subject }) => subject === id)
  expect(closed.map(({ data }) => data)).toMatchObject([{ outcome: 'approved', result: sale?._id }])
})

test('nobody approves what they wrote, not even an admin; nor twice; nor does a viewer', async () => {
  const byAdmin = await house.sell([{ item_id: AMBER, quantity: 2600 }], { userId: 'dora' })
  const id: string = byAdmin.body.approval_id
  for (const role of ['staff', 'admin'] as const) {
    const own = await house.call('post', `/approvals/${id}/approve`, { role, userId: 'dora' })
    expect([own.status, own.body.code]).toEqual([403, 'own_document'])
  }
  expect((await house.call('post', `/approvals/${id}/approve`, { role: 'viewer', userId: 'vic' })).status).toBe(403)
  expect((await approve(id, 'bob')).status).toBe(200)
  expect((await approve(id, 'bob')).body.code).toBe('document_already_approved')
  expect((await say(id, 'reject', 'dora')).body.code).toBe('own_document')
})

test('the database itself keeps maker and decider apart', async () => {
  const id = await submit('eve')
  const forged = { $push: { decisions: { by: 'eve', verdict: 'approve', reason: null, at: new Date() } } }
  await expect(native(house.db, approvals).updateOne({ _id: id }, forged as never)).rejects.toThrow(/validation/)
})

test('of many who approve at once as many count as are needed, and there is one sale', async () => {
  const id = await submit('fay')
  const answers = await atOnce(6, (index) => approve(id, `approver-${index.toString()}`))
  expect(tally(answers)).toEqual({ 200: 2, 409: 4 })
  expect(await salesOf('fay')).toHaveLength(1)
  const stored = await readsOn(house.db).findOne(approvals, { _id: id })
  expect(stored?.decisions).toHaveLength(2)
})

test('a repeated approval is one, under its key', async () => {
  const id = await submit('gus')
  const answers = await atOnce(4, () => approve(id, 'bob', { key: 'once' }))
  expect(tally(answers)).toEqual({ 200: 4 })
  expect((await readsOn(house.db).findOne(approvals, { _id: id }))?.decisions).toHaveLength(1)
})

test('one rejection is enough, and what is rejected never takes effect', async () => {
  const id = await submit('hal')
  const rejected = await say(id, 'reject', 'bob', { body: { reason: 'Too cheap' } })
  expect(rejected.body).toMatchObject({ status: 'rejected', decisions: [{ by: 'bob', reason: 'Too cheap' }] })
  for (const word of ['approve', 'reject'] as const)
    expect((await say(id, word, 'cleo')).body).toMatchObject({ status: 409, approval_status: 'rejected' })
  expect(await salesOf('hal')).toEqual([])
})

test('an edit voids the approvals given, and whoever edits is a maker, too', async () => {
  const id = await submit('ida')
  await approve(id, 'bob')
  expect((await large({ replaces: id }, 'joe')).status).toBe(404)
  const asAdmin = await house.call('post', '/sales', {
    ...{ role: 'admin', userId: 'root' },
    body: { customer_id: 'CUST-001', line_items: [{ item_id: AMBER, quantity: 3000, unit_price: 4 }], replaces: id },
  })
  expect(asAdmin.status).toBe(202)
  const next: string = asAdmin.body.approval_id
  expect((await approve(id, 'cleo')).body).toMatchObject({ status: 409, approval_status: 'void' })
  for (const maker of ['ida', 'root']) expect((await approve(next, maker)).body.code).toBe('own_document')
  expect((await house.call('get', `/approvals/${next}`)).body).toMatchObject({
    ...{ amount: 12_000, replaces: id, makers: ['ida', 'root'], approvals: { given: 0 } },
  })
})

test('an edit to a small amount takes effect at once', async () => {
  const id = await submit('kim')
  const small = await house.sell([{ item_id: AMBER, quantity: 5 }], { userId: 'kim', replaces: id })
  expect(small.status).toBe(201)
  const closed = (await announced(house.db, approvalClosed)).filter(({ subject }) => subject === id)
  expect(closed.map(({ data }) => data)).toMatchObject([{ outcome: 'void', result: null }])
  expect((await approve(id, 'bob')).body).toMatchObject({ status: 409, approval_status: 'void' })
  expect(await salesOf('kim')).toHaveLength(1)
})

test('of an edit and the approval that completes, at once, exactly one counts', async () => {
  for (const round of [1, 2, 3]) {
    const maker = `racer-${round.toString()}`
    const id = await submit(maker)
    await approve(id, 'bob')
    const [done, edited] = await Promise.all([approve(id, 'cleo'), large({ replaces: id }, maker)])
    expect([
      [200, 409],
      [409, 202],
    ]).toContainEqual([done.status, edited.status])
    expect(await salesOf(maker)).toHaveLength(done.status === 200 ? 1 : 0)
  }
})

test('what cannot be done any more when it is approved is refused, and stays to be decided', async () => {
  await house.stocked('rare', 3000)
  const waiting = await house.sell([{ item_id: 'rare', quantity: 2600 }], { userId: 'lea' })
  const id: string = waiting.body.approval_id
  await house.sell([{ item_id: 'rare', quantity: 1000 }])
  await approve(id, 'bob')
  expect((await approve(id, 'cleo')).body).toMatchObject({ status: 400, available: 2000, requested: 2600 })
  expect((await house.call('get', `/approvals/${id}`)).body).toMatchObject({
    status: 'pending',
    approvals: { given: 1 },
  })
})

test('staff see what waits for them and what they wrote or decided; who wrote it may take it back', async () => {
  const id = await submit('mia')
  const idsOf = async (userId: string, query: object = {}) => {
    const list = await house.call('get', '/approvals', { userId, query: { page_size: 100, ...query } })
    return list.body.map((approval: { id: string }) => approval.id) as string[]
  }
  expect(await idsOf('nobody', { status: 'pending', kind: 'sale' })).toContain(id)
  expect((await say(id, 'withdraw', 'bob')).body.code).toBe('not_your_document')
  expect((await say(id, 'withdraw', 'mia')).body).toMatchObject({ status: 'void' })
  expect(await idsOf('mia', { status: 'void' })).toContain(id)
  expect(await idsOf('nobody')).not.toContain(id)
  expect((await house.call('get', `/approvals/${id}`, { userId: 'nobody' })).status).toBe(404)
  expect((await house.call('get', `/approvals/${id}`, { userId: 'mia' })).body).toMatchObject({
    document: { customer_id: 'CUST-001', line_items: [{ item_id: AMBER, quantity: 2501, unit_price: 4 }] },
  })
})

test('what nobody decides in time lapses, and is not approved after that', async () => {
  const id = await submit('ned')
  await native(house.db, approvals).updateOne({ _id: id }, { $set: { expiresAt: new Date(0) } })
  const late = await approve(id, 'bob')
  expect(late.body).toMatchObject({ status: 409, approval_status: 'expired' })
  const [lapsed] = await findLapsed(readsOn(house.db), new Date(), 10)
  if (lapsed) await expire(house.db, lapsed, new Date())
  await eventually(async () => {
    expect(await readsOn(house.db).findOne(approvals, { _id: id })).toMatchObject({ status: 'expired' })
  })
})

test('documents of one party on one day that add up to more than the threshold wait, also all at once', async () => {
  const approvalRules = { currency: 'USD', thresholdMinor: 100n, needed: 1, days: 7, dayOf: () => '2026-11-21' }
  const deps: GateDeps = { db: house.db, now: () => new Date(), approvalRules }
  const maker = { userId: 'olga', isAdmin: false }
  const document = { kind: 'purchase', maker, document: { any: 'thing' }, addsUp: true, answer: () => [] }
  const buy = (amountMinor: bigint, party: string) =>
    gate(deps, { ...document, amountMinor, party: { id: party, name: party } }, async (writes) => {
      await commitCompanions(house.db, writes)
      return 'passed' as const
    })
  const both = await atOnce(4, () => buy(60n, 'SUP-1'))
  expect(both.filter((one) => one === 'passed')).toHaveLength(1)
  expect(both.filter((one) => one instanceof WaitsForApproval)).toHaveLength(3)
  expect(await buy(40n, 'SUP-1')).toBe('passed')
  expect(await buy(1n, 'SUP-1')).toBeInstanceOf(WaitsForApproval)
  expect(await buy(100n, 'SUP-2')).toBe('passed')
})
