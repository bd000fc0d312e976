import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { forecast } from '@countinghouse/reporting-service/forecasts/domain/forecast'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvents } from '@countinghouse/shared/testing/publish'
import { randomFrom } from '@countinghouse/shared/testing/random'
import type { Ground } from './ground.js'
import { summarise } from './load.js'
import { atMost, type Aim, type Measured, type Row } from './measured.js'
import { tradeEvents } from './reportingEvents.js'
import { openReportingHouse, type ReportingHouse } from './reportingHouse.js'

const SCALE = Number(process.env['BENCH_SCALE'] ?? 100_000)
const BATCH = 5_000
const FORECASTS = 1_000
const REPORTS = ['ledger', 'profit-loss', 'costs', 'customers', 'sales-summary', 'receivables', 'stock', 'reconciliation', 'duplicates', 'analytics', 'forecasts', 'predictions', 'anomalies'] // prettier-ignore

/** From the stream to the reports: projection, reports made anew and kept, exports and forecasts. */
export const bench = async (ground: Ground): Promise<Measured> => {
  const house = await openReportingHouse(ground)
  const facts: Record<string, string> = { 'events projected per second': await measureProjection(house) }
  const rows: Row[] = []
  for (const name of REPORTS) rows.push(await measureReport(house, name, true), await measureReport(house, name, false))
  for (const format of ['csv', 'xlsx']) facts[`export of the customers, ${format}`] = await measureExport(house, format)
  const aims = [await measurePeak('csv'), await measurePeak('xlsx')]
  facts[`${FORECASTS} forecasts of a year of days, seconds`] = measureForecasts()
  return { title: 'Projection, reports, exports and forecasts', rows, facts: { events: SCALE, ...facts }, aims }
}

const measureProjection = async (house: ReportingHouse): Promise<string> => {
  console.log(`publishing ${SCALE} events`)
  const random = randomFrom(7)
  const startedAt = performance.now()
  for (let from = 0; from < SCALE; from += BATCH)
    await publishEvents(house.rabbitmqUrl, tradeEvents(random, from, Math.min(BATCH, SCALE - from)))
  await eventually(async () => {
    const done = await house.projected()
    if (done < SCALE) throw new Error(`${done} of ${SCALE} events are projected`)
  }, 3_600_000)
  return ((SCALE * 1000) / (performance.now() - startedAt)).toFixed(0)
}

const measureReport = async (house: ReportingHouse, name: string, fresh: boolean): Promise<Row> => {
  const times: number[] = []
  for (let round = 0; round < (fresh ? 3 : 50); round += 1) {
    const startedAt = performance.now()
    await house.get(`/reports/${name}?fresh=${fresh}`)
    times.push(performance.now() - startedAt)
  }
  const seconds = times.reduce((sum, time) => sum + time, 0) / 1000
  return { name: `${name}, ${fresh ? 'made anew' : 'kept'}`, figures: summarise(times, seconds, 0) }
}

const measureExport = async (house: ReportingHouse, format: string): Promise<string> => {
  const startedAt = performance.now()
  const bytes = (await house.get(`/reports/customers?format=${format}`)).length
  const seconds = (performance.now() - startedAt) / 1000
  return `${(bytes / 1024).toFixed(0)} kB in ${seconds.toFixed(2)} s, the process at ${await house.service.memoryMb()} MB`
}

/** The peak of a process that does nothing but write 100,000 rows. */
const measurePeak = async (format: string): Promise<Aim> => {
  const script = fileURLToPath(new URL('./exporting/main.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, format])
  const { peakMb } = JSON.parse(stdout) as { peakMb: number }
  return atMost(`MB at the peak of an export of 100,000 rows, ${format}`, 256, peakMb)
}

const measureForecasts = (): string => {
  const random = randomFrom(11)
  const startedAt = performance.now()
  for (let index = 0; index < FORECASTS; index += 1) {
    const series = Array.from({ length: 365 }, (_, day) => Math.round(50 + 20 * Math.sin(day / 1.11) + 30 * random()))
    forecast(series, { season: 7, horizon: 28, heldOut: 28, nonNegative: true })
  }
  return ((performance.now() - startedAt) / 1000).toFixed(1)
}
