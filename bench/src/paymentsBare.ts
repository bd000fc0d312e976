import { fileURLToPath } from 'node:url'
import { spawn } from 'node:child_process'
import { serveWebhooks } from '@countinghouse/shared/testing/bareWebhooks'
import { eventually } from '@countinghouse/shared/testing/eventually'

export const SECRET = 'whsec_of_the_bench_and_nobody_else'

/** The bare handler as a process of its own, as the service is one. */
export const startBare = async (mongodbUri: string, port: number): Promise<{ url: string; stop(): void }> => {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), mongodbUri, String(port)], {
    stdio: 'inherit',
  })
  const url = `http://127.0.0.1:${port}`
  await eventually(() => fetch(url), 10_000)
  return { url, stop: () => void child.kill() }
}

const [, script, mongodbUri, port] = process.argv
if (script === fileURLToPath(import.meta.url) && mongodbUri) await serveWebhooks(mongodbUri, Number(port), SECRET)
