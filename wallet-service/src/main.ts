import { runService } from '@countinghouse/shared/service'
import { walletService } from './app.js'

await runService(walletService)
