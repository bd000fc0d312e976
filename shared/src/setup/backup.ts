import { join } from 'node:path'
import { readCatalogue } from '../backup/catalogue.js'
import type { Piece, Shelf } from '../backup/piece.js'
import { restore } from '../backup/restore.js'
import { backupClient, takeBackup } from '../backup/take.js'
import { createVault } from '../crypto.js'
import { createFileStore } from '../files/store.js'
import type { Log } from '../log.js'
import { refillStream } from '../messaging/refill.js'
import { gauge } from '../metrics.js'
import { repeat } from '../repeat.js'
import type { Background } from '../service.js'
import type { BackupSettings, readRefillSettings } from './config.js'

const HOUR_MS = 3_600_000

/** Takes what changed since the last backup, and a snapshot when it is time for one. */
export const backUp = async (settings: BackupSettings, now: Date): Promise<Piece[]> => {
  const client = backupClient(settings.MONGODB_URI)
  try {
    return await takeBackup({ client, databases: settings.MONGODB_DATABASES }, await shelfOf(settings), {
      now,
      snapshotEveryMs: settings.BACKUP_SNAPSHOT_HOURS * HOUR_MS,
      keptForDays: settings.BACKUP_KEPT_DAYS,
    })
  } finally {
    await client.close()
  }
}

export const toLine = ({ id, at, records }: Piece): string =>
  `${id}: ${records} records, until ${at}, sealed and read back.`

const reaches = gauge('backup_reaches_timestamp_seconds', 'The last moment that the backup could bring back')

/** Takes one backup after another, where nothing else calls for them in time. */
export const keepBackups = async (settings: BackupSettings, everyMs: number, log: Log): Promise<Background> => {
  const show = (pieces: readonly Piece[]) => {
    const last = pieces.at(-1)
    if (last) reaches.set(Date.parse(last.at) / 1000)
  }
  const work = async () => {
    const taken = await backUp(settings, new Date())
    show(taken)
    log.info({ pieces: taken.map(toLine) }, 'A backup is taken')
  }
  const failure = 'The backup could not be taken; trying again in its turn'
  show(await readCatalogue(await shelfOf(settings)))
  await work().catch((error: unknown) => {
    log.warn({ err: error }, failure)
  })
  return repeat({ everyMs, work, log, failure })
}

/** Brings the databases back as they were at a moment; none of them may be there yet. */
export const restoreBackup = async (settings: BackupSettings, { moment }: { moment: Date }): Promise<string> => {
  const client = backupClient(settings.MONGODB_URI)
  const startedAt = performance.now()
  try {
    const shelf = await shelfOf(settings)
    const databaseFor = (name: string) => (settings.MONGODB_DATABASES.includes(name) ? name : undefined)
    const { documents, changes, reached } = await restore(shelf, { client, databaseFor }, moment)
    const until = (await readCatalogue(shelf)).at(-1)?.at ?? ''
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    return `${documents} documents and ${changes} changes in ${seconds} s, as of ${reached.toISOString()}; the backup reaches to ${until}.`
  } finally {
    await client.close()
  }
}

const shelfOf = async (settings: BackupSettings): Promise<Shelf> => {
  const vault = createVault(settings.BACKUP_KEYS)
  const { S3_BUCKET } = settings
  if (S3_BUCKET === undefined) return { vault, files: createFileStore(join(settings.BACKUP_FOLDER)) }
  const { createS3Files } = await import('../files/s3.js')
  return {
    vault,
    files: createS3Files({ settings: { ...settings, S3_BUCKET }, prefix: 'mongodb', now: () => new Date() }),
  }
}

/** Fills the event stream from the outboxes. */
export const refill = async (settings: ReturnType<typeof readRefillSettings>): Promise<string> => {
  const client = backupClient(settings.MONGODB_ADMIN_URI)
  try {
    const { MONGODB_DATABASES: databases, RABBITMQ_URL: rabbitmqUrl } = settings
    return `${await refillStream({ client, databases, rabbitmqUrl })} events were not in the stream, and are now.`
  } finally {
    await client.close()
  }
}
