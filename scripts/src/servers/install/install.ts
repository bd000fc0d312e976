import { reason } from '../../kit/failure.js'
import { binaries } from '../binaries.js'
import { titles, type ProvisionOptions, type Rung, type ServerName } from '../types.js'
import { aptInstall, aptPackages, canUseApt } from './apt.js'
import { consent } from './consent.js'
import { obtainMongod } from './mongod.js'

/** Rung 4: gets the missing programs onto this machine, then runs them as rung 3 does. */
export const install: Rung = {
  name: 'install',
  provide: async (wanted, options) => {
    const plans = wanted.flatMap((name) => planFor(name))
    if (plans.length === 0) return {}
    const question = `To run ${wanted.map((name) => titles[name]).join(', ')} here: ${plans.join('; ')}.`
    if (!(await consent(question, options))) return {}
    // Each is waited for, even when a Ctrl-C ends the other: apt must not be left running behind our back.
    await Promise.allSettled([installPackages(wanted, options), installMongod(wanted, options)])
    options.signal?.throwIfAborted()
    return binaries.provide(wanted, options)
  },
}

const planFor = (name: ServerName): string[] => {
  if (name === 'mongodb') return ["download MongoDB's mongod into this user's cache folder"]
  return canUseApt() ? [`install the package ${aptPackages[name]} (its own service is not started)`] : []
}

const installPackages = async (wanted: ServerName[], { say, signal }: ProvisionOptions): Promise<void> => {
  const packages = wanted.flatMap((name) => (name === 'mongodb' ? [] : [aptPackages[name]]))
  if (packages.length === 0 || !canUseApt()) return
  try {
    await aptInstall(packages, say, signal)
  } catch (error) {
    signal?.throwIfAborted()
    say(reason(error))
  }
}

const installMongod = async (wanted: ServerName[], { say, signal }: ProvisionOptions): Promise<void> => {
  if (wanted.includes('mongodb')) await obtainMongod(say, signal)
}
