import { randomBytes } from 'node:crypto'
import { ROLES, type Role } from '@countinghouse/shared/contracts/auth'
import { serviceSecretOf } from '@countinghouse/shared/crypto'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { operationsOf, type ApiResponse, type Operation } from '@countinghouse/scripts/generate/operations'
import { newMasterSecret } from '@countinghouse/scripts/system'
import { startTestSystem, type TestSystem } from '../system.js'

export type Asker = Role | 'service'
export const ASKERS: readonly Asker[] = [...ROLES, 'service']

export type Person = { id: string; token: string; email: string; password: string }

/** One running system with its document, somebody of each role, and as many more people as a test wants. */
export type House = {
  system: TestSystem
  operations: Operation[]
  tokens: Record<Asker, string>
  /** Who they are; a service is nobody's user. */
  ids: Record<Role, string>
  /** Somebody new; customers and vendors have a wallet by the time it is needed. */
  newPerson(role: Role): Promise<Person>
}

export const openHouse = async (): Promise<House> => {
  const masterSecret = newMasterSecret()
  const system = await startTestSystem({
    serviceEnvironment: { 'auth-service': { SERVICE_MASTER_SECRET: masterSecret } },
  })
  const { client } = system
  const adminToken = await system.adminToken()
  const newPerson = async (role: Role): Promise<Person> => {
    const email = `${role}.${randomBytes(6).toString('hex')}@example.com`
    const password = 'correct horse battery'
    const added = await client.post('/users', { token: adminToken, body: { email, password, role } })
    const { id } = expectAnswer(added, 201)
    return { id, email, password, token: await system.login(email, password) }
  }
  const document = expectAnswer(await client.get('/openapi.json'), 200) as Document
  const tokens = { service: await serviceToken(system, masterSecret) } as Record<Asker, string>
  const ids = {} as Record<Role, string>
  for (const role of ROLES) ({ token: tokens[role], id: ids[role] } = await newPerson(role))
  return { system, operations: withoutReferences(document), tokens, ids, newPerson }
}

type Document = Parameters<typeof operationsOf>[0] & { components: { responses: Record<string, ApiResponse> } }

const withoutReferences = (document: Document): Operation[] =>
  operationsOf(document).map((operation) => {
    const responses = Object.entries(operation.responses).map(([status, response]) => [
      status,
      document.components.responses[response.$ref?.replace(/.*\//, '') ?? ''] ?? response,
    ])
    return { ...operation, responses: Object.fromEntries(responses) as Operation['responses'] }
  })

const SERVICE = 'loan-service'

const serviceToken = async ({ client }: TestSystem, masterSecret: string): Promise<string> => {
  const body = { client_id: SERVICE, client_secret: serviceSecretOf(masterSecret, SERVICE) } as const
  return expectAnswer(await client.post('/auth/service-token', { body }), 200).access_token
}

/** Who of those we know may call it; nobody when anyone may. */
export const mayCall = (operation: Operation): Asker[] => {
  const access = operation['x-access']
  if (!Array.isArray(access)) return []
  const names: readonly string[] = access
  return ASKERS.filter(
    (asker) => names.includes(asker) || (asker === 'service' && names.includes(`service:${SERVICE}`)),
  )
}
