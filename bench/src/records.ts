import { join } from 'node:path'
import { readJson, root } from '@countinghouse/scripts/kit/files'
import { writePages } from '@countinghouse/scripts/kit/pages'
import { toCapacityPage } from './capacity.js'
import type { Measured } from './measured.js'
import { toPerformancePage } from './performance.js'

/** The last run of a bench that came to its end, and when one after it did not. */
export type Kept = Measured & {
  at: string
  seconds: number
  sizes: Record<string, string>
  machine: string
  /** The load of the machine when the bench began. */
  load: number
  failedAt?: string
}
export type Records = Record<string, Kept>

const FILE = 'docs/performance.json'
const PAGES = { 'docs/performance.md': toPerformancePage, 'docs/capacity.md': toCapacityPage }

/** Keeps what a bench measured in place of what it had measured before, and writes the pages anew. */
export const keep = (bench: string, kept: Kept): void => {
  write({ ...read(), [bench]: kept })
}

/** Says on the page that the figures of a bench are those of a run before. */
export const keepFailure = (bench: string, at: Date): void => {
  const { [bench]: before, ...others } = read()
  if (before) write({ ...others, [bench]: { ...before, failedAt: at.toISOString() } })
}

const read = (): Records => readJson<Records>(join(root, FILE)) ?? {}

const write = (records: Records): void => {
  const sorted = Object.fromEntries(Object.entries(records).toSorted(([one], [other]) => (one < other ? -1 : 1)))
  const pages = Object.entries(PAGES).map(([path, toPage]) => [path, toPage(sorted)])
  writePages({ [FILE]: JSON.stringify(sorted), ...(Object.fromEntries(pages) as Record<string, string>) })
}
