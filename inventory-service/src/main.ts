import { runService } from '@countinghouse/shared/service'
import { inventoryService } from './app.js'

await runService(inventoryService)
