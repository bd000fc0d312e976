import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** The one registry of this process; `/metrics` on the internal port prints it. */
export const registry = new Registry()

/** Adds the Node.js figures (heap, event loop, GC) and names the process. */
export const collectProcessMetrics = (service: string): void => {
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
}

type Known<Label extends string> = Readonly<Record<Label, readonly string[]>>

/** Counts up. Labels whose values are known beforehand are given with them: each of their series then begins at zero. */
export const counter = <Label extends string>(
  name: string,
  help: string,
  labels: readonly Label[] | Known<Label> = [],
): Counter<Label> => {
  const known = Array.isArray(labels) ? undefined : (labels as Known<Label>)
  const labelNames = (known ? Object.keys(known) : labels) as Label[]
  const made = new Counter({ name, help, labelNames: [...labelNames], registers: [registry] })
  if (known) fromZero(made, known)
  return made
}

/** Shows series before anything is counted: `increase` does not see the first step of one that begins at one. */
export const fromZero = <Label extends string>(counted: Counter<Label>, known: Known<Label>): void => {
  const values = Object.entries<readonly string[]>(known)
  const series = values.reduce<Record<string, string>[]>(
    (begun, [label, all]) => begun.flatMap((one) => all.map((value) => ({ ...one, [label]: value }))),
    [{}],
  )
  for (const one of series) counted.inc(one as Record<Label, string>, 0)
}

export const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
  new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] })

export const histogram = <Label extends string>(
  name: string,
  help: string,
  buckets: readonly number[],
  labelNames: readonly Label[] = [],
) => new Histogram({ name, help, buckets: [...buckets], labelNames: [...labelNames], registers: [registry] })

/** The buckets of OpenTelemetry's HTTP conventions, in seconds. */
export const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] as const
