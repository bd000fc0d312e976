import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export type ExportSettings = { uri: string; database: string; file: string }

// Where `npm start` tells other programs of this checkout what it runs on.
const RUNNING = '.data/running.json'

/** From the command line, the environment and the running system; a sentence when they say too little. */
export const readExportSettings = (parameters: readonly string[]): ExportSettings | string => {
  const [file] = parameters
  if (file === undefined) return 'Usage: npm run ledger:export -- FILE'
  const uri = process.env['MONGODB_URI'] ?? runningUri()
  if (uri === undefined) return 'Set MONGODB_URI (and MONGODB_DATABASE), or start the system first: npm start'
  return { uri, database: process.env['MONGODB_DATABASE'] ?? 'countinghouse_wallet', file: resolve(file) }
}

const runningUri = (): string | undefined =>
  existsSync(RUNNING) ? (JSON.parse(readFileSync(RUNNING, 'utf8')) as { mongodbUri: string }).mongodbUri : undefined
