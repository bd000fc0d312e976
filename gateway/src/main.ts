import { runProcess } from '@countinghouse/shared/process'
import { startGateway } from './app.js'
import { readSettings } from './config.js'

await runProcess('gateway', readSettings, startGateway)
