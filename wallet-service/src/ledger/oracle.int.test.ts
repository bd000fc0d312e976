import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { formatAmount } from '@countinghouse/shared/money'
import { randomFrom } from '@countinghouse/shared/testing/random'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { fundedWallet, userClient } from '../testing/client.js'
import { apply, brokenBy, emptyModel, newWallet, setAside, type Change, type Model } from '../testing/model.js'
import { accounts } from './store.js'

const SEEDS = Number(process.env['SEEDS'] ?? 2)
const STEPS = 120

let service: TestService
let admin: ReturnType<typeof userClient>
beforeAll(async () => {
  service = await startTestService(walletService)
  admin = userClient(service, 'admin')
})
afterAll(() => service.close())

/** One request, the rules it would break, and what it does to the books if it breaks none. */
type Step = {
  path: string
  method?: 'post' | 'put'
  body: object
  broken: string[]
  done: (answer: { id: string; results: { id: string }[] }) => void
  failedIndex?: number | undefined
}

const wire = (amountMinor: bigint) => formatAmount(amountMinor, 'USD')
const pair = (from: string, to: string, amountMinor: bigint): Change[] => [
  { account: from, gainMinor: -amountMinor },
  { account: to, gainMinor: amountMinor },
]
const bank = 'house:bank:USD'
const fees = 'house:fee_income:USD'
const clearing = 'house:clearing:USD'

/** The kinds of request, each made at random for the books as the model has them. */
const stepsOf = (model: Model, random: () => number) => {
  const below = (max: number) => Math.floor(random() * max)
  const pick = <Item>(items: Iterable<Item>): Item => [...items][below([...items].length)] as Item
  const wallet = () => pick(model.wallets.keys())
  const amount = () => BigInt(1 + below(4000))
  const enter = (kind: string, changes: Change[]) => (id: string) => {
    apply(model, changes)
    const leftMinor = changes.reduce((sum, { gainMinor }) => (gainMinor < 0n ? sum - gainMinor : sum), 0n)
    model.entries.set(id, { changes, kind, leftMinor })
  }
  const entered = (kind: string, changes: Change[], request: Pick<Step, 'path' | 'body'>): Step => ({
    ...request,
    broken: brokenBy(model, changes),
    done: ({ id }) => enter(kind, changes)(id),
  })
  const transfer = () => {
    const [from, to, amountMinor] = [wallet(), wallet(), amount()]
    const body = { from_wallet_id: from, to_wallet_id: to, amount: wire(amountMinor) }
    return { body, changes: pair(from, to, amountMinor), same: from === to }
  }
  const batch = (atomic: boolean): Step => {
    const transfers = Array.from({ length: 1 + below(4) }, transfer)
    const trial = structuredClone(model)
    const refusals = transfers.map(({ changes, same }) => {
      const broken = same ? ['same_wallet'] : brokenBy(trial, changes)
      if (broken.length === 0) apply(trial, changes)
      return broken
    })
    const failed = [transfers.findIndex(({ same }) => same), refusals.findIndex(({ length }) => length > 0)]
    const failedIndex = atomic ? failed.find((index) => index >= 0) : undefined
    return {
      path: '/transfers/batch',
      body: { atomic, transfers: transfers.map(({ body }) => body) },
      broken: atomic ? refusals.flat() : [],
      failedIndex,
      done: ({ results }) => {
        for (const [index, { changes }] of transfers.entries()) {
          const { id, ...result } = results[index] as { id: string; status: string; code?: string }
          expect(result.status).toBe(refusals[index]?.length ? 'refused' : 'posted')
          if (result.code === undefined) enter('transfer', changes)(id)
          else expect(refusals[index]).toContain(result.code)
        }
      },
    }
  }
  return {
    credit: () => {
      const [to, amountMinor] = [wallet(), amount()]
      return entered('credit', pair(bank, to, amountMinor), { path: '/wallet/credit', body: { wallet_id: to, amount: wire(amountMinor) } }) // prettier-ignore
    },
    debit: () => {
      const [from, amountMinor] = [wallet(), amount()]
      return entered('debit', pair(from, bank, amountMinor), { path: '/wallet/debit', body: { wallet_id: from, amount: wire(amountMinor) } }) // prettier-ignore
    },
    transfer: () => {
      const { body, changes, same } = transfer()
      const step = entered('transfer', changes, { path: '/transfers', body })
      return same ? { ...step, broken: ['same_wallet'] } : step
    },
    together: () => batch(true),
    eachForItself: () => batch(false),
    manyLegs: () => {
      const [from, to, paid, fee] = [wallet(), wallet(), amount(), amount()]
      const changes = [...pair(from, to, paid), ...pair(from, fees, fee)]
      const postings = changes.map(({ account, gainMinor }) => ({
        account_id: account,
        side: gainMinor < 0n ? 'debit' : 'credit',
        amount: wire(gainMinor < 0n ? -gainMinor : gainMinor),
      }))
      return entered('manual', changes, { path: '/ledger/entries', body: { postings, description: 'legs' } })
    },
    place: (): Step => {
      const [from, to, amountMinor] = [wallet(), random() < 0.2 ? undefined : wallet(), amount()]
      const broken = brokenBy(model, pair(from, to ?? clearing, amountMinor)).filter((code) => code !== 'balance_limit')
      return {
        path: '/holds',
        body: { wallet_id: from, amount: wire(amountMinor), ...(to !== undefined && { to_wallet_id: to }) },
        broken: from === to ? ['same_wallet'] : broken,
        done: ({ id }) => {
          const hold = { from, to: to ?? clearing, leftMinor: amountMinor, capturedMinor: 0n, status: 'pending' }
          setAside(model, hold, amountMinor)
          model.holds.set(id, hold)
        },
      }
    },
    ...holdSteps({ model, random, pick, amount }),
    reverse: (): Step => {
      const [id, entry] = pick(model.entries)
      const isPart = random() < 0.5
      const amountMinor = isPart ? amount() : entry.leftMinor
      const sign = (gainMinor: bigint) => (gainMinor < 0n ? 1n : -1n)
      const changes = entry.changes.map(({ account, gainMinor }) => ({
        account,
        gainMinor: entry.changes.length === 2 ? sign(gainMinor) * amountMinor : -gainMinor,
      }))
      const broken = [
        ...(entry.kind === 'reversal' ? ['not_reversible'] : []),
        ...(entry.leftMinor === 0n ? ['already_reversed'] : []),
        ...(isPart && entry.changes.length > 2 ? ['not_divisible'] : []),
        ...(amountMinor > entry.leftMinor ? ['exceeds_entry'] : []),
        ...brokenBy(model, changes),
      ]
      return {
        path: `/ledger/entries/${id}/reverse`,
        body: { reason: 'at random', ...(isPart && { amount: wire(amountMinor) }) },
        broken,
        done: (answer) => {
          enter('reversal', changes)(answer.id)
          entry.leftMinor -= amountMinor
        },
      }
    },
    status: (): Step => {
      const [id, one] = pick(model.wallets)
      const action = pick(['freeze', 'unfreeze', 'unfreeze', 'close'] as const)
      const empty = one.postedMinor === 0n && one.heldMinor === 0n && one.comingMinor === 0n
      const misfits = {
        freeze: one.status === 'frozen' ? ['wallet_frozen'] : [],
        unfreeze: one.status === 'open' ? ['wallet_not_frozen'] : [],
        close: empty ? [] : ['wallet_not_empty'],
      }
      return {
        path: `/wallets/${id}/${action}`,
        body: { reason: 'at random' },
        broken: one.status === 'closed' ? ['wallet_closed'] : misfits[action],
        done: () => (one.status = ({ freeze: 'frozen', unfreeze: 'open', close: 'closed' } as const)[action]),
      }
    },
    limit: (): Step => {
      const [id, one] = pick(model.wallets)
      const mostMinor = random() < 0.6 ? null : BigInt(5000 + below(8000))
      return {
        path: `/wallets/${id}/limits`,
        method: 'put',
        body: { max_balance: mostMinor === null ? null : wire(mostMinor) },
        broken: one.status === 'closed' ? ['wallet_closed'] : [],
        done: () => (one.mostMinor = mostMinor),
      }
    },
  }
}

type Source = {
  model: Model
  random: () => number
  pick: <Item>(items: Iterable<Item>) => Item
  amount: () => bigint
}

const holdSteps = ({ model, random, pick, amount }: Source) => ({
  capture: (): Step => {
    const [id, hold] = pick(model.holds)
    const [isPart, final] = [random() < 0.6, random() < 0.4]
    const capturedMinor = isPart ? amount() : hold.leftMinor
    const ends = final || capturedMinor === hold.leftMinor
    const freeMinor = ends ? hold.leftMinor : capturedMinor
    const changes = pair(hold.from, hold.to, capturedMinor)
    const finished = hold.status === 'pending' ? [] : [`hold_already_${hold.status}`]
    const beyond = capturedMinor > hold.leftMinor ? ['exceeds_hold'] : []
    return {
      path: `/holds/${id}/capture`,
      body: { final, ...(isPart && { amount: wire(capturedMinor) }) },
      broken: [...finished, ...beyond, ...brokenBy(model, changes, freeMinor)],
      done: () => {
        apply(model, changes)
        setAside(model, hold, -freeMinor)
        hold.leftMinor -= freeMinor
        if (ends) hold.status = 'captured'
      },
    }
  },
  release: (): Step => {
    const [id, hold] = pick(model.holds)
    return {
      path: `/holds/${id}/release`,
      body: {},
      broken: hold.status === 'pending' ? [] : [`hold_already_${hold.status}`],
      done: () => {
        setAside(model, hold, -hold.leftMinor)
        Object.assign(hold, { leftMinor: 0n, status: 'released' })
      },
    }
  },
})

type Answer = { status: number; text: string; headers: Record<string, string>; body: unknown }

/** Sends a step, sometimes thrice at once under its key: the answers are one. */
const ask = async ({ path, method = 'post', body }: Step, random: () => number): Promise<Answer> => {
  const key = uuidv7()
  const send = async (): Promise<Answer> => admin.send(method, path, body, key)
  if (method !== 'post' || random() > 0.1) return send()
  const answers = await Promise.all([send(), send(), send()])
  answers.push(await send())
  expect(new Set(answers.map(({ status, text }) => `${status.toString()} ${withoutRequestId(text)}`)).size).toBe(1)
  return answers[0]
}

const withoutRequestId = (text: string) => text.replace(/"request_id":"[^"]*"/, '')

type WalletAnswer = { id: string; balance: number; available: number; held: number; status: string }

const compareAnswer = (model: Model, step: Step, { status, body }: Answer): void => {
  if (step.broken.length > 0) {
    const { code, failed_index } = body as { code: string; failed_index?: number }
    expect([status >= 400 && status < 500, step.broken]).toEqual([true, expect.arrayContaining([code])])
    expect(failed_index).toBe(step.failedIndex)
    return
  }
  expect([status < 300, body]).toEqual([true, body])
  step.done(body as Parameters<Step['done']>[0])
  const { wallets = [], wallet } = body as { wallets?: WalletAnswer[]; wallet?: WalletAnswer }
  for (const { id, balance, available, held, status: state } of wallet ? [wallet] : wallets) {
    const expected = model.wallets.get(id)
    if (!expected) throw new Error(`The answer names a wallet ${id} that is not there`)
    const { postedMinor, heldMinor } = expected
    const amounts = [postedMinor, postedMinor - heldMinor, heldMinor].map((minor) => Number(wire(minor)))
    expect([balance, available, held, state]).toEqual([...amounts, expected.status])
  }
}

const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1)

test.each(seeds)(
  'seed %i: every answer, and every balance in the end, is what a model of a few lines says',
  async (seed) => {
    const random = randomFrom(seed)
    const model = emptyModel()
    const open = async () => model.wallets.set(await fundedWallet(service, uuidv7()), newWallet())
    for (let count = 0; count < 5; count++) await open()
    const steps = stepsOf(model, random)
    const names = [...(Object.keys(steps) as (keyof typeof steps)[]), 'credit', 'capture', 'place'] as const
    const mayBe = { reverse: model.entries, capture: model.holds, release: model.holds } as Record<
      string,
      Map<string, unknown>
    >
    const before = new Map([...(await balances())].filter(([id]) => id.startsWith('house:')))

    const seen = new Set<string>()
    for (let count = 0; count < STEPS; count++) {
      const name = names[Math.floor(random() * names.length)] ?? 'credit'
      const step = steps[count < 8 || mayBe[name]?.size === 0 ? 'credit' : name]()
      seen.add(`${name} ${step.broken.length > 0 ? 'refused' : 'done'}`)
      compareAnswer(model, step, await ask(step, random))
      if ([...model.wallets.values()].filter(({ status }) => status === 'open').length < 3) await open()
    }
    const after = await balances()
    for (const [id, { postedMinor, heldMinor, comingMinor }] of model.wallets)
      expect([id, after.get(id)]).toEqual([id, [postedMinor, heldMinor, comingMinor]])
    for (const [id, gainMinor] of model.house) {
      const grownMinor = (after.get(id)?.[0] ?? 0n) - (before.get(id)?.[0] ?? 0n)
      expect([id, grownMinor]).toEqual([id, id === fees ? gainMinor : -gainMinor])
    }
    expect(seen.size).toBeGreaterThan(names.length)
  },
)

const balances = async () => {
  const all = await readsOn(service.db).find(accounts, {})
  return new Map(all.map(({ _id, postedMinor, pendingOutMinor, pendingInMinor }) => [_id, [postedMinor, pendingOutMinor, pendingInMinor]])) // prettier-ignore
}

test('after all that, the books prove themselves: the chain, the balances, the holds and the answers', async () => {
  const lines = (await admin.get('/ledger/verify').buffer(true)).text.trim().split('\n')
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ ok: true, problems: [] })
  expect((await admin.send('post', '/ledger/reconcile')).body).toMatchObject({ ok: true, problems: [] })
})
