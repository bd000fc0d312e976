import { fileURLToPath } from 'node:url'
import { spawn } from 'node:child_process'
import { serveFromRedis } from '@countinghouse/shared/testing/bareCache'
import { eventually } from '@countinghouse/shared/testing/eventually'

const KEY = 'bench:bare:'
export const bareKeyOf = (id: string): string => KEY + id

/** The bare handler as a process of its own, as the service is one. */
export const startBare = async (redisUrl: string, port: number): Promise<{ url: string; stop(): void }> => {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), redisUrl, String(port)], { stdio: 'inherit' })
  const url = `http://127.0.0.1:${port}`
  await eventually(() => fetch(url), 10_000)
  return { url, stop: () => void child.kill() }
}

const [, script, redisUrl, port] = process.argv
if (script === fileURLToPath(import.meta.url) && redisUrl) await serveFromRedis(redisUrl, Number(port), bareKeyOf)
