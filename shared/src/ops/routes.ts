import { z } from 'zod'
import { actorOf } from '../http/caller.js'
import { endpoint } from '../http/endpoint.js'
import { Id, Timestamp, pageQuery, text } from '../http/fields.js'
import { outbox } from '../messaging/outbox.js'
import { mails } from '../mail/outbox.js'
import { nights } from '../mongo/nightly.js'
import { readsOn, type Reads } from '../mongo/transaction.js'
import { uuidTimeMs } from '../uuid.js'
import { decideLetter, type Deps as LetterDeps } from './commands.js'
import { LETTER_STATUSES, countWaiting, listLetters, type DeadLetter } from './deadLetters.js'
import { STUCK_SHOWN_MAX, type Saga } from './sagas.js'

/** What else a service shows at the desk, by name: the result of its last verification, say. */
export type Shown = Readonly<Record<string, (reads: Reads) => Promise<unknown>>>
export type Deps = LetterDeps & { sagas: readonly Saga[]; shown: Shown }

const LetterView = z.object({
  ...{ id: z.string(), queue: z.string(), type: z.string(), reason: z.string(), failed_at: Timestamp },
  ...{ times: z.number().int(), status: z.enum(LETTER_STATUSES), event: z.unknown() },
  ...{ settled_by: z.string().nullable(), settled_at: Timestamp.nullable(), note: z.string().nullable() },
})

const StatusView = z.object({
  service: z.string(),
  outbox: z.object({ unsent: z.number().int(), oldest_age_seconds: z.number() }),
  dead_letters: z.record(z.string(), z.number().int()),
  sagas: z.record(z.string(), z.record(z.string(), z.number().int())),
  mails_waiting: z.number().int(),
  nights: z.record(z.string(), z.string()).meta({ description: 'The last day whose work was done' }),
  shown: z.record(z.string(), z.unknown()),
})

const StuckView = z.object({
  ...{ saga: z.string(), id: z.string(), state: z.string(), since: Timestamp, reason: z.string().nullable() },
})

const tag = 'Operations'
const access = ['admin'] as const
const letterExample = {
  ...{ id: 'wallet.loan-events:019aa3f0-9e3a-7f6d-9d66-2f8c5a2b1c33', queue: 'wallet.loan-events' },
  ...{ type: 'countinghouse.loan.approved.v1', reason: 'PoisonMessage: breaks the contract', times: 1 },
  ...{ failed_at: '2026-11-21T09:30:00.000Z', status: 'waiting', event: {} },
  ...{ settled_by: null, settled_at: null, note: null },
}
const settledExample = { settled_by: 'user:1', settled_at: '2026-11-21T10:00:00.000Z', note: 'The producer was mended' }

/** The operator's desk of one service, below `/ops/<service>`. */
export const opsEndpoints = (deps: Deps) => {
  const base = `/ops/${deps.name.replace('-service', '')}` as const
  return [statusEndpoint(deps, base), stuckEndpoint(deps, base), ...letterEndpoints(deps, base)]
}

const statusEndpoint = ({ name, db, now, sagas, shown }: Deps, base: `/${string}`) =>
  endpoint({
    ...{ method: 'get', path: `${base}/status`, summary: `What ${name} has on its desk`, tag, access },
    view: StatusView,
    example: {
      view: {
        ...{ service: name, outbox: { unsent: 0, oldest_age_seconds: 0 }, dead_letters: {}, sagas: {} },
        ...{ mails_waiting: 0, nights: {}, shown: {} },
      },
    },
    handle: async () => {
      const reads = readsOn(db)
      const [oldest] = await reads.find(outbox, { publishedAt: null }, { sort: { _id: 1 }, limit: 1 })
      return {
        service: name,
        outbox: {
          unsent: await reads.count(outbox, { publishedAt: null }),
          oldest_age_seconds: oldest ? (now().getTime() - uuidTimeMs(oldest._id)) / 1000 : 0,
        },
        dead_letters: Object.fromEntries((await countWaiting(reads)).map(({ _id, count }) => [_id, Number(count)])),
        sagas: await collect(sagas.map((saga) => [saga.name, saga.states(reads)])),
        mails_waiting: await reads.count(mails, { settledAt: null }),
        nights: await lastNights(reads),
        shown: await collect(Object.entries(shown).map(([title, read]) => [title, read(reads)])),
      }
    },
  })

const collect = async <Value>(parts: readonly [string, Promise<Value>][]): Promise<Record<string, Value>> =>
  Object.fromEntries(await Promise.all(parts.map(async ([name, value]) => [name, await value] as const)))

const lastNights = async (reads: Reads): Promise<Record<string, string>> => {
  const rows = await reads.aggregate<{ _id: string; day: string }>(nights, [
    { $group: { _id: '$work', day: { $max: '$day' } } },
  ])
  return Object.fromEntries(rows.map(({ _id, day }) => [_id, day]))
}

const stuckEndpoint = ({ name, db, now, sagas }: Deps, base: `/${string}`) =>
  endpoint({
    ...{ method: 'get', path: `${base}/stuck`, summary: `What does not move on by itself in ${name}`, tag, access },
    view: z.object({ stuck: z.array(StuckView) }),
    example: { view: { stuck: [] } },
    handle: async () => {
      const found = sagas.map(async (saga) =>
        (await saga.stuck(readsOn(db), now(), STUCK_SHOWN_MAX)).map(({ since, ...one }) => ({
          ...{ saga: saga.name, ...one, since: since.toISOString() },
        })),
      )
      return { stuck: (await Promise.all(found)).flat() }
    },
  })

const letterEndpoints = (deps: Deps, base: `/${string}`) => [
  endpoint({
    ...{ method: 'get', path: `${base}/dead-letters`, tag, access },
    reads: { data: 'personal', of: 'dead-letter' },
    summary: `The messages that ${deps.name} could not handle`,
    query: z.object({ status: z.enum(LETTER_STATUSES).default('waiting'), ...pageQuery }),
    view: LetterView,
    list: true,
    example: { view: [letterExample] },
    handle: async ({ query: { status, ...at } }) =>
      (await listLetters(readsOn(deps.db), status, at)).map((letter) => toView(letter)),
  }),
  ...(
    [
      ['redrive', 'redriven', 'Hand a dead letter to its queue once more'],
      ['discard', 'discarded', 'Put a dead letter away'],
    ] as const
  ).map(
    // prettier-ignore
    ([verb, status, summary]) =>
      endpoint({
        ...{ method: 'post', path: `${base}/dead-letters/:id/${verb}`, summary, tag, access },
        params: z.object({ id: Id }),
        body: z.strictObject({ note: text(500).nullable().default(null) }),
        view: LetterView,
        refusals: ['dead_letter_not_found', 'dead_letter_settled', 'dependency_unavailable'],
        example: { body: { note: settledExample.note }, view: { ...letterExample, ...settledExample, status } },
        handle: async ({ params: { id }, body: { note }, caller }) =>
          toView(await decideLetter(deps, { id, status, by: actorOf(caller), note })),
      }),
  ),
]

const toView = ({ _id, failedAt, settledBy, settledAt, content, ...letter }: DeadLetter) => ({
  ...letter,
  id: _id,
  event: parsed(content),
  failed_at: failedAt.toISOString(),
  settled_by: settledBy,
  settled_at: settledAt?.toISOString() ?? null,
})

const parsed = (content: string): unknown => {
  try {
    return JSON.parse(content)
  } catch {
    return content
  }
}
