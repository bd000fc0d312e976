import { createHealth } from '@countinghouse/shared/health'
import { createLog } from '@countinghouse/shared/log'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { freePort } from '@countinghouse/shared/testing/service'
import { openTokenOffice, type TokenOffice } from '@countinghouse/shared/testing/tokens'
import { startGateway } from '../app.js'
import { readSettings, type Settings } from '../config.js'

export type TestGateway = {
  readonly url: string
  readonly port: number
  readonly tokens: TokenOffice
  readonly lines: Record<string, unknown>[]
  /** Begins the graceful stop; settles when it is done. */
  stop(): Promise<void>
}

/** Runs the gateway in this process; services that are not given have an address where nobody answers. */
export const startTestGateway = async (urls: Partial<Settings> = {}): Promise<TestGateway> => {
  const [tokens, port, nobody] = await Promise.all([openTokenOffice(), freePort(), freePort()])
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>)
  const nowhere = `http://127.0.0.1:${nobody.toString()}`
  const settings: Settings = {
    ...readSettings({
      NODE_ENV: 'test',
      PORT: port.toString(),
      METRICS_PORT: nobody.toString(),
      REDIS_URL: 'redis://127.0.0.1',
      AUTH_URL: tokens.authUrl,
      SERVICE_CLIENT_SECRET: 'a secret that the token office takes',
      WALLET_URL: nowhere,
      LOAN_URL: nowhere,
      INVENTORY_URL: nowhere,
      REPORTING_URL: nowhere,
      RATE_LIMIT_ENABLED: 'off',
      // A test machine does many things at once.
      EVENT_LOOP_DELAY_MAX_MS: '60000',
    }),
    ...urls,
  }
  const steps: (() => Promise<void>)[] = []
  const health = createHealth()
  await startGateway({
    settings,
    log: createLog('gateway', 'info', { write }),
    health,
    onStop: (step) => steps.push(step),
  })
  await eventually(async () => {
    if (urls.AUTH_URL === undefined && (await health.report()).status !== 'ready') throw new Error('Not ready')
  })
  return {
    url: `http://127.0.0.1:${port.toString()}`,
    port,
    tokens,
    lines,
    stop: async () => {
      for (const step of steps.splice(0).reverse()) await step()
      await tokens.close()
    },
  }
}
