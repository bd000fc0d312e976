import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

export type ReplaySettings = {
  uri: string
  database: string
  from: Date
  until: Date
  type: string | undefined
  objectId: string | undefined
}

// Where `npm start` tells other programs of this checkout what it runs on.
const RUNNING = '.data/running.json'
const USAGE = 'Usage: npm run payments:replay -- --from 2026-11-21 [--until 2026-11-22] [--type payment_intent.succeeded] [--object pi_…]' // prettier-ignore

/** From the command line, the environment and the running system; a sentence when they say too little. */
export const readReplaySettings = (parameters: readonly string[], now: Date): ReplaySettings | string => {
  const { from, until, type, object: objectId } = optionsIn(parameters)
  const stretch = { from: new Date(from ?? Number.NaN), until: until === undefined ? now : new Date(until) }
  if (Number.isNaN(stretch.from.getTime()) || Number.isNaN(stretch.until.getTime())) return USAGE
  const uri = process.env['MONGODB_URI'] ?? runningUri()
  if (uri === undefined) return 'Set MONGODB_URI (and MONGODB_DATABASE), or start the system first: npm start'
  return { uri, database: process.env['MONGODB_DATABASE'] ?? 'countinghouse_wallet', ...stretch, type, objectId }
}

const optionsIn = (parameters: readonly string[]): Partial<Record<'from' | 'until' | 'type' | 'object', string>> => {
  const one = { type: 'string' } as const
  try {
    return parseArgs({ args: [...parameters], options: { from: one, until: one, type: one, object: one } }).values
  } catch {
    return {}
  }
}

const runningUri = (): string | undefined =>
  existsSync(RUNNING) ? (JSON.parse(readFileSync(RUNNING, 'utf8')) as { mongodbUri: string }).mongodbUri : undefined
