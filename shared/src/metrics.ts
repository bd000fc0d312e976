import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** The one registry of this process; `/metrics` on the internal port prints it. */
export const registry = new Registry()

/** Adds the Node.js figures (heap, event loop, GC) and names the process. */
export const collectProcessMetrics = (service: string): void => {
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
}

export const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
  new Counter({ name, help, labelNames: [...labelNames], registers: [registry] })

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
