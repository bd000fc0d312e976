import { platform } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Say } from '../types.js'

const connectMs = 4_000
const downloadMs = 180_000

/** The download of mongodb-memory-server, given up within seconds where its host cannot be reached. */
export const downloadMongod = async (folder: string, _say: Say, signal?: AbortSignal): Promise<string> => {
  // Unless npm's setting says so, the package takes a program from a server whose certificate nobody checked.
  process.env['npm_config_strict_ssl'] = 'true'
  const { DryMongoBinary, MongoBinary } = await import('mongodb-memory-server-core')
  const options = {
    ...(await DryMongoBinary.generateOptions()),
    ...{ downloadDir: folder, platform: platform(), checkMD5: false },
  }
  await assertReachable(options)
  return withinTime(MongoBinary.download(options), signal)
}

type Build = { version: string; platform: string; arch: string }

const assertReachable = async (build: Build): Promise<void> => {
  const { MongoBinaryDownloadUrl } = await import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js')
  const address = await new MongoBinaryDownloadUrl(build).getDownloadUrl()
  const response = await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(connectMs) }).catch(
    () => undefined,
  )
  if (!response) throw new Error('its host cannot be reached')
  if (!response.ok) throw new Error(`its host answers ${response.status}`)
}

const withinTime = <T>(work: Promise<T>, signal?: AbortSignal): Promise<T> => {
  const timer = new AbortController()
  const late = sleep(downloadMs, undefined, { signal: AbortSignal.any([timer.signal, ...(signal ? [signal] : [])]) })
  const tooLate = late.then(() => Promise.reject(new Error(`not finished within ${downloadMs / 1000} s`)))
  return Promise.race([work, tooLate]).finally(() => timer.abort())
}
