import { listen } from '@countinghouse/shared/http/listen'
import { runProcess } from '@countinghouse/shared/process'
import { readSettings } from './config.js'
import { createInstitution } from './server.js'

await runProcess('sandbox-institution', readSettings, async ({ settings: { HOST, PORT }, onStop }) => {
  const institution = createInstitution(() => new Date())
  const door = await listen(institution, { host: HOST, port: PORT, setting: 'PORT' })
  onStop(() => door.close())
})
