import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { takeRandom } from '@countinghouse/shared/random'

/** An object as the wire has it, or a note of the sandbox's own. */
export type Row = { id: string; object: string; created: number; [field: string]: unknown }

/** All that has happened at the sandbox, in the order in which it was first heard of. */
export interface State {
  get(id: string): Row | undefined
  /** The newest first. */
  all(object: string): Row[]
  put(row: Row): Row
  remove(id: string): void
}

/** State in memory, and in a file of changes if there is one. */
export const openState = (file: string | undefined): State => {
  const rows = new Map<string, Row>()
  const byObject = new Map<string, Map<string, Row>>()
  const keep = (row: Row): void => {
    rows.set(row.id, row)
    const alike = byObject.get(row.object) ?? new Map<string, Row>()
    byObject.set(row.object, alike.set(row.id, row))
  }
  const forget = (id: string): void => {
    byObject.get(rows.get(id)?.object ?? '')?.delete(id)
    rows.delete(id)
  }
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true })
  const write = (change: object): void => {
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(change)}\n`)
  }
  for (const line of linesOf(file)) {
    const change = JSON.parse(line) as { put?: Row; removed?: string }
    if (change.put) keep(change.put)
    if (change.removed !== undefined) forget(change.removed)
  }
  return {
    get: (id) => rows.get(id),
    all: (object) => [...(byObject.get(object)?.values() ?? [])].reverse(),
    put: (row) => {
      keep(row)
      write({ put: row })
      return row
    },
    remove: (id) => {
      forget(id)
      write({ removed: id })
    },
  }
}

const linesOf = (file: string | undefined): string[] =>
  file !== undefined && existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** An id in the provider's manner. */
export const newId = (prefix: string): string =>
  `${prefix}_${[...takeRandom(24)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`
