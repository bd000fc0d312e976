import { runService } from '@countinghouse/shared/service'
import { loanService } from './app.js'

await runService(loanService)
