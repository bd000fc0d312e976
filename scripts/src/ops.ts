import { parseArgs } from 'node:util'
import { createClient, type Answer, type Client } from '@countinghouse/client'
import { explain, Failure, reason } from './kit/failure.js'
import { readJson, startDataDir } from './kit/files.js'
import { join } from 'node:path'
import type { Running } from './start/claim.js'

const usage = `npm run ops -- [status | stuck | dead-letters | redrive ID | discard ID] [--note WHY] [--service NAME] [--json]
The system of \`npm start\`, or the one at OPS_URL; as OPS_EMAIL with OPS_PASSWORD, or with OPS_TOKEN.`

const services = ['auth', 'wallet', 'loan', 'inventory', 'reporting']

const { values, positionals } = parseArgs({
  args: process.argv.slice(3),
  allowPositionals: true,
  options: { note: { type: 'string' }, service: { type: 'string' }, json: { type: 'boolean', default: false } },
})
const [command = 'status', id = ''] = positionals
const asked = values.service ? [values.service] : services

type Row = Record<string, unknown>
type Desk = { get(path: string): Promise<unknown>; post(path: string, body: Row): Promise<unknown> }

const openDesk = async (): Promise<Desk> => {
  const { OPS_URL, OPS_TOKEN, OPS_EMAIL = 'admin@loanapp.com', OPS_PASSWORD = 'admin123' } = process.env
  const baseUrl = OPS_URL ?? readJson<Running>(join(startDataDir, 'running.json'))?.gatewayUrl
  if (!baseUrl) throw new Failure(`No system runs here.\n${usage}`)
  const client: Client = createClient({ baseUrl })
  const credentials = { email: OPS_EMAIL, password: OPS_PASSWORD }
  const token =
    OPS_TOKEN ?? (bodyOf(await client.post('/auth/login', { body: credentials })) as { access_token: string }).access_token // prettier-ignore
  const send = async (method: string, path: string, body?: Row) =>
    bodyOf(await client.send(method, `/api/v1/ops${path}`, { token, ...(body && { body }) }))
  return { get: (path) => send('GET', path), post: (path, body) => send('POST', path, body) }
}

const bodyOf = (answer: Answer): unknown => {
  if (!answer.ok) throw new Failure(`${answer.status} ${answer.body.code}: ${answer.body.detail}`)
  return answer.body
}

const eachService = async (desk: Desk, path: string): Promise<Row[]> => {
  const answers = await Promise.all(asked.map((service) => desk.get(`/${service}/${path}`)))
  return answers.flatMap((answer) => (Array.isArray(answer) ? (answer as Row[]) : [answer as Row]))
}

// A dead letter is named by its queue, and the queue by its service; the stream belongs to reporting.
const decide = (verb: 'redrive' | 'discard') => (desk: Desk) =>
  desk
    .post(`/${id.split('.')[0]}/dead-letters/${encodeURIComponent(id)}/${verb}`, { note: values.note ?? null })
    .then((letter) => [letter as Row])

const commands: Record<string, (desk: Desk) => Promise<Row[]>> = {
  status: (desk) => eachService(desk, 'status'),
  stuck: async (desk) => (await eachService(desk, 'stuck')).flatMap(({ stuck }) => stuck as Row[]),
  'dead-letters': (desk) => eachService(desk, 'dead-letters?page_size=100'),
  redrive: decide('redrive'),
  discard: decide('discard'),
}

const show = (rows: readonly Row[]): void => {
  if (values.json) return console.log(JSON.stringify(rows, undefined, 2))
  if (rows.length === 0) console.log('Nothing.')
  for (const row of rows) console.log(`${Object.entries(row).map(([name, value]) => `${name.padEnd(14)} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join('\n')}\n`) // prettier-ignore
}

try {
  const run = commands[command]
  if (!run || ((command === 'redrive' || command === 'discard') && id === '')) throw new Failure(usage)
  show(await run(await openDesk()))
} catch (error) {
  console.error(error instanceof TypeError ? `Nothing answers there: ${reason(error.cause)}` : explain(error))
  process.exitCode = 1
}
