import type { Servers } from '../servers/types.js'
import { processNames, type ServicePorts } from '../system/names.js'

type Facts = { ports: ServicePorts; servers: Servers; dataDir: string; sampleData: boolean; seconds: string }

const logins = [
  ['admin@loanapp.com', 'admin123'],
  ['staff@countinghouse.test', 'staff123'],
  ['viewer@countinghouse.test', 'viewer123'],
  ['vendor@countinghouse.test', 'vendor123'],
  ['customer@countinghouse.test', 'customer123'],
  ['raj@countinghouse.test', 'raj123'],
  ['meera@countinghouse.test', 'meera123'],
  ['user123@countinghouse.test', 'password123'],
  ['user456@countinghouse.test', 'password123'],
] as const

/** What a person wants to know once the system is up. */
export const summary = ({ ports, servers, dataDir, sampleData, seconds }: Facts): string => {
  const address = `http://127.0.0.1:${ports.gateway.port}`
  const metrics = processNames.map((name) => `http://127.0.0.1:${ports[name].metricsPort}/metrics  ${name}`)
  return [
    `\ncountinghouse is up after ${seconds} s`,
    ...block('API', [address]),
    ...block('API page', [`${address}/swagger`]),
    ...block('logins', sampleData ? logins.map(([email, password]) => `${email.padEnd(28)} ${password}`) : []),
    ...block('metrics', metrics),
    ...block('broker', [
      `${new URL(servers.rabbitmqAdminUrl).origin}  (its user and password: ${dataDir}/running.json)`,
    ]),
    ...block('data', [dataDir]),
    ...block('logs', [`${dataDir}/logs`]),
    '\nSee it work: npm run demo, in another terminal. Ctrl-C stops everything; the data stays.\n',
  ].join('\n')
}

const block = (title: string, lines: readonly string[]): string[] =>
  lines.map((line, index) => `  ${(index === 0 ? title : '').padEnd(10)}${line}`)
