import { runService } from '@countinghouse/shared/service'
import { authService } from './app.js'

await runService(authService)
