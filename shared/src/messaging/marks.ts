import type { Connection } from 'mongoose'
import { faultPoint } from '../fault.js'
import { native } from '../mongo/transaction.js'
import { outbox } from './outbox.js'

/**
 * Marks rows of the outbox as published, many with one statement: until it is written their marks are remembered here.
 * Whoever dies with them sends those rows again.
 */
export interface Marks {
  add(ids: readonly string[]): Promise<void>
  /** Selects the rows that wait to be published. */
  waiting(): { publishedAt: null; _id?: { $nin: string[] } }
  /** Writes what is remembered; what cannot be written stays so. */
  write(): Promise<void>
}

const REMEMBERED_MAX = 50
const WRITTEN_AFTER_MS = 100

export const createMarks = (db: Connection): Marks => {
  const remembered = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const write = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    if (remembered.size === 0) return
    const ids = [...remembered]
    faultPoint('relay:marking')
    await native(db, outbox).updateMany({ _id: { $in: ids } }, { $set: { publishedAt: new Date() } })
    for (const id of ids) remembered.delete(id)
  }
  const writeLater = (): void => {
    timer ??= setTimeout(() => void write().catch(() => undefined), WRITTEN_AFTER_MS).unref()
  }
  return {
    add: async (ids) => {
      for (const id of ids) remembered.add(id)
      if (remembered.size >= REMEMBERED_MAX) await write()
      else if (remembered.size > 0) writeLater()
    },
    waiting: () => ({ publishedAt: null, ...(remembered.size > 0 && { _id: { $nin: [...remembered] } }) }),
    write,
  }
}
