import { announced } from '@countinghouse/shared/testing/events'
import type { EventContract } from '@countinghouse/shared/messaging/event'
import type { TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'

export type TokenPair = { access_token: string; refresh_token: string }
export type Person = TokenPair & { id: string; email: string }

export const password = 'correct horse battery'

type Call = { token?: string | undefined; address?: string; version?: number }
type Row = { _id: string } & Record<string, unknown>

/** What people do to the service under test, and what it leaves behind. */
export const createPeople = (service: TestService) => {
  let made = 0
  const send = (method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object, call: Call = {}) => {
    const asked = request(service.url)[method](path)
    if (call.token !== undefined) void asked.auth(call.token, { type: 'bearer' })
    if (call.address !== undefined) void asked.set('X-Forwarded-For', call.address)
    if (call.version !== undefined) void asked.set('If-Match', `"${call.version}"`)
    return body === undefined ? asked : asked.send(body)
  }
  const register = (body: object, token?: string) => send('post', '/auth/register', { password, ...body }, { token })
  const rowsOf = (name: string) => service.db.collection<Row>(name)
  const toPerson = (answer: { body: unknown }): Person => {
    const { user, ...tokens } = answer.body as TokenPair & { user: { id: string; email: string } }
    return { ...tokens, id: user.id, email: user.email }
  }
  const login = (email: string, more: object = {}, call: Call = {}) =>
    send('post', '/auth/login', { email, password, ...more }, call)
  return {
    ...{ send, register, rowsOf, login, toPerson },
    signUp: async (role = 'customer'): Promise<Person> =>
      toPerson(await register({ email: `person${(made += 1)}@example.com`, role })),
    /** Somebody of a role that only an admin gives. */
    appoint: async (admin: Person, role: string): Promise<Person> => {
      const email = `${role}${(made += 1)}@example.com`
      await register({ email, role }, admin.access_token)
      return toPerson(await login(email))
    },
    refresh: (refresh_token: string) => send('post', '/auth/refresh', { refresh_token }),
    logInAgain: async ({ email }: Person): Promise<Person> => toPerson(await login(email)),
    eventsOf: async (contract: EventContract, userId: string) =>
      (await announced(service.db, contract)).filter(({ subject }) => subject === userId).map(({ data }) => data),
    mailsTo: async (to: string) =>
      (await rowsOf('mails').find({ to }).sort({ _id: 1 }).toArray()).map(({ text }) => String(text)),
    clear: async (...names: string[]) => {
      for (const name of names) await rowsOf(name).deleteMany({})
    },
  }
}

export type People = ReturnType<typeof createPeople>

/** The secret in the text of a mail. */
export const secretIn = (text: string | undefined): string => /[\w-]{43}/.exec(text ?? '')?.[0] ?? 'no secret'

export const inParallel = <Result>(count: number, call: (index: number) => PromiseLike<Result>) =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)))

/** How many answers have which status. */
export const countByStatus = (answers: { status: number }[]): Record<number, number> => {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
