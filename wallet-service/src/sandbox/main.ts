import { runProcess } from '@countinghouse/shared/process'
import { readSettings } from './config.js'
import { openSandbox } from './open.js'

await runProcess('sandbox-provider', readSettings, async ({ settings, onStop }) => {
  const sandbox = await openSandbox({
    ...{ host: settings.HOST, port: settings.PORT, file: settings.SANDBOX_FILE, delayMs: settings.SANDBOX_DELAY_MS },
    ...{ webhookUrl: settings.SANDBOX_WEBHOOK_URL, webhookSecret: settings.SANDBOX_WEBHOOK_SECRET },
    publicUrl: settings.SANDBOX_PUBLIC_URL,
  })
  onStop(() => sandbox.close())
})
