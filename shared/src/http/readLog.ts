import type { Request } from 'express'
import type { Connection } from 'mongoose'
import { currentContext } from '../context.js'
import { dataReadAt, type Read } from '../contracts/audit.js'
import { createGroupCommit } from '../groupCommit.js'
import { newEvent } from '../messaging/event.js'
import { addToOutbox } from '../messaging/outbox.js'
import { inTransaction } from '../mongo/transaction.js'
import { refuse } from '../refusal.js'
import { actorOf, type Caller } from './caller.js'
import { Settled, type Endpoint, type Reading } from './endpoint.js'
import { Feed, Page } from './page.js'
import { Streamed } from './stream.js'

/** Records reads durably: what is not recorded is not answered. */
export type ReadLog = (read: Read) => Promise<void>

const GROUP_MAX = 50
const QUEUE_MAX = 10_000

/** The read log of one service; reads at the same time share a commit, which announces them. */
export const createReadLog = (db: Connection, service: string): ReadLog => {
  const group = createGroupCommit<Read, undefined>({
    groupMax: GROUP_MAX,
    queueMax: QUEUE_MAX,
    full: () => refuse('busy'),
    commit: async (reads) => {
      const event = newEvent(dataReadAt(service), service, { reads: [...reads] })
      // Of many requests, so it carries the identity of none.
      const announced = { ...event, actor: `service:${service}`, correlationid: event.id }
      await inTransaction(db, (tx) => addToOutbox(tx, announced))
      return reads.map(() => ({ kind: 'done', result: undefined }))
    },
  })
  return (read) => group.submit(read)
}

/** The read that an answer stands for; none where somebody reads what is their own, or a service does its work. */
export const readOf = (spec: Endpoint, request: Request, caller: Caller, result: unknown): Read | undefined => {
  const { reads } = spec
  const role = roleOf(caller)
  if (!reads || role === undefined) return undefined
  const items = itemsOf(result)
  const id = idOf(reads, request, result)
  const found = id === null ? textsIn(items, [reads.id ?? 'id']) : []
  return {
    ...{ at: new Date().toISOString(), actor: actorOf(caller), role },
    ...{ route: `${spec.method.toUpperCase()} ${spec.path}`, data: reads.data, entity_kind: reads.of },
    ...{ entity_id: id, found },
    customer_ids: textsIn([...items, request.params, request.query, ...selves(reads, [id, ...found])], CUSTOMERS),
    query: { ...request.query },
    purpose: request.get('x-purpose')?.slice(0, PURPOSE_MAX) ?? null,
    request_id: currentContext()?.requestId ?? '',
  }
}

const PURPOSE_MAX = 200
const CUSTOMERS = ['customer_id', 'user_id', 'userId']
const WHO_THEY_ARE = ['user', 'customer', 'trade-customer']

// Customers and vendors get at nothing but what is theirs. A service reads for a change, which is in the log itself.
const roleOf = (caller: Caller): string | undefined => {
  if (caller.kind === 'apiKey') return 'api-key'
  if (caller.kind !== 'user' || caller.role === 'customer' || caller.role === 'vendor') return undefined
  return caller.role
}

const itemsOf = (result: unknown): readonly unknown[] => {
  if (result instanceof Page || result instanceof Feed) return result.items
  if (result instanceof Settled) return [JSON.parse(result.answer.json)]
  return result instanceof Streamed ? [] : [result]
}

/** Whose name stands in the path first; else that of the one thing answered. */
const idOf = ({ is, id = 'id' }: Reading, { params }: Request, result: unknown): string | null => {
  const [inPath] = Object.values(params)
  if (is !== undefined || typeof inPath === 'string') return is ?? (inPath as string)
  return result instanceof Page || result instanceof Feed ? null : (textsIn(itemsOf(result), [id])[0] ?? null)
}

const selves = ({ of }: Reading, ids: readonly (string | null)[]): object[] =>
  WHO_THEY_ARE.includes(of) ? ids.map((id) => ({ customer_id: id })) : []

const textsIn = (items: readonly unknown[], names: readonly string[]): string[] => {
  const values = items.flatMap((item) => names.map((name) => (item as Record<string, unknown> | null)?.[name]))
  return [...new Set(values.filter((value) => typeof value === 'string'))]
}
