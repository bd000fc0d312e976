import { join } from 'node:path'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import type { Servers } from '@countinghouse/scripts/servers'
import type { TokenOffice } from '@countinghouse/shared/testing/tokens'
import { openConnection, startGatewayProcess, startIdleService, startNginx, type Process } from './gatewayParts.js'
import type { Ground } from './ground.js'
import { runLoad, type Figures } from './load.js'
import { atLeast, ratioOf, type Measured, type Row } from './measured.js'

const CLIENTS = 50
const USERS = 200
const ROUNDS = 3
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 12) / ROUNDS

/** Measures the way through the gateway, with tokens checked and requests counted, beside none at all and beside nginx. */
export const bench = async ({ servers, tokens, folder }: Ground): Promise<Measured> => {
  const [servicePort = 0, nginxPort = 0] = await freePorts(2)
  const service = await startIdleService(servicePort)
  const nginx = await startNginx(join(folder, 'nginx'), nginxPort, service.url)
  const gateway = await startGateway({ servers, tokens, upstream: service.url, folder })
  const heads = Array.from({ length: USERS }, (_, index) => headOf(tokens.userToken('staff', `bench-${index}`)))
  const ways: [string, Process | undefined][] = [
    ['the service directly', service],
    ['nginx', nginx],
    ['the gateway', gateway],
  ]
  const measured = await measure(ways, heads)
  for (const { stop } of [gateway, nginx, service].filter((process) => process !== undefined)) await stop()
  const rows = toRows(measured)
  const aims = nginx ? [atLeast('requests a second, beside nginx', 0.6, ratioOf(rows, 'the gateway', 'nginx'))] : []
  return {
    title: 'The way through the gateway',
    rows,
    facts: {
      ...addedBy(measured),
      ...(!nginx && { nginx: 'not installed here: the aim of 0.6 beside it was not tried' }),
    },
    aims,
  }
}

const headOf = (token: string): string =>
  `GET /api/v1/loans HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nAuthorization: Bearer ${token}\r\n\r\n`

type Way = { name: string; many: Figures; one: Figures }

// In turns, so that what else the machine does falls on all of them; of each the round in the middle counts.
const measure = async (ways: [string, Process | undefined][], heads: string[]): Promise<Way[]> => {
  const rounds: Way[] = []
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, way] of ways) {
      if (!way) continue
      console.log(`${name}, round ${round + 1}`)
      rounds.push({ name, many: await load(way, heads, CLIENTS), one: await load(way, heads, 1) })
    }
  return ways
    .map(([name]) => rounds.filter((round) => round.name === name))
    .filter((all) => all.length > 0)
    .map((all) => ({
      name: all[0]?.name ?? '',
      many: middle(all.map(({ many }) => many)),
      one: middle(all.map(({ one }) => one)),
    }))
}

const load = async ({ url }: Process, heads: string[], clients: number): Promise<Figures> => {
  const connections = await Promise.all(Array.from({ length: clients }, () => openConnection(url)))
  let next = 0
  const work = async (client: number) => connections[client]?.ask(heads[next++ % heads.length] ?? '')
  const figures = await runLoad({ clients, seconds: SECONDS, work })
  for (const connection of connections) connection.close()
  return figures
}

const middle = (all: Figures[]): Figures => {
  const found = all.toSorted((one, other) => one.perSecond - other.perSecond)[Math.floor(all.length / 2)]
  if (!found) throw new Error('Nothing was measured')
  return found
}

const toRows = (measured: Way[]): Row[] => {
  const baseline = measured.some(({ name }) => name === 'nginx') ? 'nginx' : 'the service directly'
  const toRow = (name: string, figures: Figures, beside: string): Row => ({ name, figures, baseline: beside })
  return [
    ...measured.map(({ name, many }) => toRow(name, many, baseline)),
    ...measured.map(({ name, one }) => toRow(`${name}, one at a time`, one, `${baseline}, one at a time`)),
  ]
}

const addedBy = (measured: Way[]): Record<string, string> => {
  const direct = measured[0]?.one.p50Ms ?? 0
  const added = measured.slice(1).map(({ name, one }) => [`${name} adds, in ms`, (one.p50Ms - direct).toFixed(3)])
  return Object.fromEntries(added) as Record<string, string>
}

type Setting = { servers: Servers; tokens: TokenOffice; upstream: string; folder: string }

const startGateway = async ({ servers, tokens, upstream, folder }: Setting): Promise<Process> => {
  const [port = 0, metricsPort = 0] = await freePorts(2)
  const services = ['WALLET_URL', 'LOAN_URL', 'INVENTORY_URL', 'REPORTING_URL'].map((name) => [name, upstream])
  return startGatewayProcess(join(folder, 'gateway.log'), {
    ...process.env,
    ...(Object.fromEntries(services) as Record<string, string>),
    ...{ NODE_ENV: 'production', AUTH_URL: tokens.authUrl, REDIS_URL: servers.redisUrl },
    ...{ PORT: String(port), METRICS_PORT: String(metricsPort) },
    SERVICE_CLIENT_SECRET: 'a secret that the token office takes',
    // Counted as ever, but never refused.
    ...{ RATE_LIMIT_ENABLED: 'on', RATE_LIMIT_PER_MINUTE: '1000000000' },
  })
}
