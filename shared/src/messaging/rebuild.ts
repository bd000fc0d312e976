import { setTimeout as pause } from 'node:timers/promises'
import { ensureCollections, type CollectionDefinition } from '../mongo/collection.js'
import { acquireLease } from '../mongo/lease.js'
import { inTransaction, native, readsOn } from '../mongo/transaction.js'
import { nextOf, toCopy } from './copy.js'
import { positions, startOver, type Position } from './position.js'
import { startProjection, type ProjectionOptions } from './projection.js'

export type Rebuild = ProjectionOptions & {
  readonly collections: readonly CollectionDefinition<{ _id: string }>[]
  /** Told about every second: events read, of those that the serving copy has read. */
  readonly progress?: (done: number, total: number) => void
  /** How long reports that have begun may still read the copy before. */
  readonly graceMs?: number
}

const LOOK_EVERY_MS = 100
const LEASE_MS = 60_000
/** Where events never cease it is never level; so few are read in a moment by the running service. */
const CLOSE_ENOUGH = 100
const LEVEL_WITHIN_LOOKS = 300
const GRACE_MS = 5_000

/**
 * Makes a projection anew from the first event of the stream, in collections beside those that serve, and then changes
 * over to them at once. Dying on the way harms nothing: the next attempt begins with new collections.
 */
export const rebuildProjection = async (rebuild: Rebuild): Promise<void> => {
  const { name, db } = rebuild
  const lease = await acquireLease(db, `rebuild-${name}`, LEASE_MS)
  if (!lease) throw new Error(`The projection ${name} is being rebuilt already`)
  const renewal = setInterval(() => void lease.renew().catch(() => undefined), LEASE_MS / 3)
  try {
    const copy = await begin(rebuild)
    const reader = startProjection({ ...rebuild, name: nextOf(name) })
    // Before the change, after which its position is another's.
    await catchUp(rebuild).finally(() => reader.stop())
    const old = await changeOver(rebuild)
    await pause(rebuild.graceMs ?? GRACE_MS)
    await dropCopy(rebuild, old)
    rebuild.log.info({ projection: name, copy }, 'The projection was made anew')
  } finally {
    clearInterval(renewal)
    await lease.release()
  }
}

const begin = async (rebuild: Rebuild): Promise<number> => {
  const { name, db, collections } = rebuild
  const [serving, given] = await standings(rebuild)
  if (given) await dropCopy(rebuild, given.copy ?? 1)
  const copy = Math.max(serving?.copy ?? 1, given?.copy ?? 1) + 1
  await ensureCollections(
    db,
    collections.map((definition) => toCopy(definition, copy)),
  )
  await inTransaction(db, (tx) => startOver(tx, nextOf(name), copy))
  return copy
}

const standings = async ({ name, db }: Rebuild): Promise<[Position | undefined, Position | undefined]> => {
  const reads = readsOn(db)
  return [await reads.findOne(positions, { _id: name }), await reads.findOne(positions, { _id: nextOf(name) })]
}

const catchUp = async (rebuild: Rebuild): Promise<void> => {
  for (let look = 0; ; look += 1) {
    const [serving, next] = await standings(rebuild)
    const [total, done] = [(serving?.offset ?? -1) + 1, (next?.offset ?? -1) + 1]
    if (look % 10 === 0) rebuild.progress?.(done, total)
    if (total - done <= (look < LEVEL_WITHIN_LOOKS ? 0 : CLOSE_ENOUGH)) return
    await pause(LOOK_EVERY_MS)
  }
}

/** The serving position becomes the new copy's, in one step; the running reader notices and goes on from there. */
const changeOver = ({ name, db }: Rebuild): Promise<number> =>
  inTransaction(db, async (tx) => {
    const next = await tx.findOne(positions, { _id: nextOf(name) })
    if (!next) throw new Error(`Nothing is known of the next copy of ${name}`)
    const serving = await tx.findOne(positions, { _id: name })
    await tx.replace(positions, { ...next, _id: name })
    await tx.remove(positions, { _id: nextOf(name) })
    return serving?.copy ?? 1
  })

const dropCopy = async ({ db, collections }: Rebuild, copy: number): Promise<void> => {
  for (const definition of collections) await native(db, toCopy(definition, copy)).drop()
}
