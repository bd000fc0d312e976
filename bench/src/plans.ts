import type { Connection, mongo } from 'mongoose'

type Looking = {
  /** Whose looks count. */
  collections: readonly string[]
  documentsMax: number
  /** Whether how a list was counted is looked at too. */
  counts?: true
  /** What goes on beside the request. */
  besides?: (seen: mongo.Document) => boolean
}

/** How MongoDB found what one request asked for, by its own profiler; throws when it looked at more than it may. */
export const planOf = async (db: Connection, looking: Looking, ask: () => Promise<unknown>): Promise<string> => {
  const since = new Date()
  await db.db?.command({ profile: 2 })
  await ask()
  await db.db?.command({ profile: 0 })
  const all = await db
    .collection<mongo.Document>('system.profile')
    .find({
      ts: { $gte: since },
      op: { $in: looking.counts ? ['query', 'command'] : ['query'] },
      planSummary: { $exists: true },
    })
    .toArray()
  const asked = all.filter((seen) => looking.collections.includes(nameOf(seen)) && !looking.besides?.(seen))
  for (const { planSummary, docsExamined } of asked)
    if (planSummary === 'COLLSCAN' || Number(docsExamined) > looking.documentsMax)
      throw new Error(`A read looked at ${String(docsExamined)} documents by ${String(planSummary)}`)
  const last = new Map(asked.map((seen) => [`${nameOf(seen)} by ${String(seen['planSummary'])}`, lookOf(seen)]))
  return [...last].map(([what, look]) => `${what}: ${look}`).join('; ')
}

export const nameOf = ({ ns }: mongo.Document): string => String(ns).split('.').slice(1).join('.')

const lookOf = ({ keysExamined, docsExamined }: mongo.Document): string =>
  `${String(keysExamined)} keys, ${String(docsExamined)} documents`
