import { runProcess } from '../process.js'
import { keepBackups } from '../setup/backup.js'
import { readKeeperSettings } from '../setup/config.js'

const MINUTE_MS = 60_000

await runProcess('backup', readKeeperSettings, async ({ settings, log, onStop }) => {
  const keeping = await keepBackups(settings, settings.BACKUP_EVERY_MINUTES * MINUTE_MS, log)
  onStop(() => keeping.stop())
})
