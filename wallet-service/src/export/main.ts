import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createLog, maskUrl } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { bookLines } from './book.js'
import { readExportSettings } from './config.js'

/** `npm run ledger:export -- FILE`: the journal as an auditor takes it away. */
const giveUp = (sentence: string): never => {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

const WAIT_FOR_MONGO_MS = 10_000

const settings = readExportSettings(process.argv.slice(2))
const { uri, database, file } = typeof settings === 'string' ? giveUp(settings) : settings
const log = createLog('ledger-export', 'error')
const signal = AbortSignal.timeout(WAIT_FOR_MONGO_MS)
const db = await connectMongo({ uri, database, service: 'ledger-export', log, signal }).catch((error: unknown) =>
  giveUp(`MongoDB does not answer at ${maskUrl(uri)}: ${String(error)}`),
)
await pipeline(Readable.from(bookLines(db)), createWriteStream(file))
await db.close()
process.stdout.write(
  `The ledger of ${database} is in ${file}. Check it with: npm run ledger:verify-export -- ${file}\n`,
)
