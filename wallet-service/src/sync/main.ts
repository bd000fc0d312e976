import { runProcess } from '@countinghouse/shared/process'
import { startService } from '@countinghouse/shared/service'
import { walletSync } from '../app.js'

await runProcess('wallet-sync', walletSync.readSettings, (kit) => startService(walletSync, kit))
