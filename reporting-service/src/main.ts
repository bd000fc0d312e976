import { runService } from '@countinghouse/shared/service'
import { reportingService } from './app.js'

await runService(reportingService)
