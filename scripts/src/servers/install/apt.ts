import { join } from 'node:path'
import { runCommand, runUninterrupted } from '../../kit/command.js'
import { cacheDir, findProgram, lastLines } from '../../kit/files.js'
import { secondsSince } from '../../kit/progress.js'
import type { Say } from '../types.js'
import { withServicesHeld } from './policy.js'

export const aptPackages = { rabbitmq: 'rabbitmq-server', redis: 'redis-server' } as const

/** Packages can be installed by root on Debian and its kin. */
export const canUseApt = (): boolean => process.getuid?.() === 0 && findProgram('apt-get') !== undefined

// One at a time: apt itself lets nobody else in.
let queue: Promise<unknown> = Promise.resolve()

/** Installs packages; services that they bring are kept from starting. */
export const aptInstall = (packages: string[], say: Say, signal?: AbortSignal): Promise<void> => {
  const turn = queue.then(() => installNow(packages, say, signal))
  queue = turn.catch(() => undefined)
  return turn
}

const installNow = async (packages: string[], say: Say, signal?: AbortSignal): Promise<void> => {
  signal?.throwIfAborted()
  const startedAt = Date.now()
  say(`installing by apt: ${packages.join(', ')}`)
  const tellWait = () => say('waiting for apt to finish; after one more Ctrl-C it does so alone')
  signal?.addEventListener('abort', tellWait)
  await update()
  const ok = (signal?.aborted ?? false) || (await apt('install', '-y', '--no-install-recommends', ...packages))
  signal?.removeEventListener('abort', tellWait)
  signal?.throwIfAborted()
  if (!ok) throw new Error(`apt-get could not install ${packages.join(', ')}:\n${lastLines(log, 5)}`)
  await keepOffAtBoot(packages)
  say(`installed ${packages.join(', ')} in ${secondsSince(startedAt)} s`)
}

// What brought a service would also start it with the machine, which nobody asked for.
const keepOffAtBoot = async (packages: string[]): Promise<void> => {
  const services = packages.filter((name) => Object.values<string>(aptPackages).includes(name))
  if (services.length > 0 && findProgram('systemctl'))
    await runCommand('systemctl', ['--quiet', 'disable', ...services])
}

// A stale index is no reason to stop; if it matters, the installation says so.
let updated: Promise<unknown> | undefined
const update = () => (updated ??= apt('update'))

const log = join(cacheDir, 'apt.log')

// Never ended from here: dpkg stopped halfway leaves the machine's packages in pieces.
const apt = (...parameters: string[]): Promise<boolean> => {
  const command = ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', ...parameters]
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return runUninterrupted('sh', ['-c', withServicesHeld, 'apt', ...command], { environment, logPath: log })
}
