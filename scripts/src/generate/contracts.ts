import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EventContract } from '@countinghouse/shared/messaging/event'
import { root } from '../kit/files.js'

/** A type of event with its golden sample. */
export type DescribedEvent = EventContract & { sample: unknown }

const folder = join(root, 'shared/src/contracts')

/** Every type of event that a service promises the others, by name. */
export const readContracts = async (): Promise<DescribedEvent[]> => {
  const names = readdirSync(folder).flatMap((file) => /^(\w+)\.ts$/.exec(file)?.[1] ?? [])
  const modules = await Promise.all(
    names.map((name) => import(`@countinghouse/shared/contracts/${name}`) as Promise<object>),
  )
  return modules
    .flatMap((module) => Object.values<unknown>({ ...module }))
    .filter(isContract)
    .sort((one, other) => (one.routingKey < other.routingKey ? -1 : 1))
    .map((contract) => ({ ...contract, sample: sampleOf(contract) }))
}

const isContract = (value: unknown): value is EventContract =>
  typeof value === 'object' && value !== null && 'routingKey' in value

const sampleOf = ({ routingKey }: EventContract): unknown =>
  JSON.parse(readFileSync(join(folder, 'samples', `${routingKey}.json`), 'utf8'))
