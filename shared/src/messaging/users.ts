import { managementOf } from './management.js'
import { DEAD_LETTER_EXCHANGE, EVENTS_EXCHANGE, EVENT_STREAM, QUEUES, RETRY_EXCHANGE } from './topology.js'

/** Regular expressions over names, as RabbitMQ matches them. */
export type Permission = { configure: string; write: string; read: string }

const SERVICES = ['auth-service', 'wallet-service', 'loan-service', 'inventory-service', 'reporting-service']

/** The user of a service within a virtual host; users are known to the whole broker, so their names say which. */
const brokerUserOf = (vhost: string, service: string): string => `${vhost}.${service}`

/** What each service may do: announce, take from its own queues and put what fails aside; declare nothing. */
export const brokerPermissions = (): Readonly<Record<string, Permission>> =>
  Object.fromEntries(SERVICES.map((service) => [service, permissionOf(service.replace('-service', ''))]))

const permissionOf = (owner: string): Permission => {
  const takesEvents = [...Object.keys(QUEUES), EVENT_STREAM].some((queue) => queue.startsWith(`${owner}.`))
  const exchanges = takesEvents ? [EVENTS_EXCHANGE, RETRY_EXCHANGE, DEAD_LETTER_EXCHANGE] : [EVENTS_EXCHANGE]
  return {
    configure: '^$',
    write: `^(${exchanges.map((name) => name.replace('.', '\\.')).join('|')})$`,
    read: takesEvents ? `^${owner}\\.` : '^$',
  }
}

export type UserOptions = {
  adminUrl: string
  vhost: string
  passwordOf: (service: string) => string
  /** All of them, unless some are named. */
  services?: readonly string[]
}

/** Makes the users of the services, or brings their passwords and permissions up to date; answers how to remove them. */
export const applyBrokerUsers = async (options: UserOptions): Promise<() => Promise<void>> => {
  const { adminUrl, vhost, passwordOf, services = SERVICES } = options
  const { call } = managementOf(adminUrl)
  const permissions = brokerPermissions()
  const pathOf = (service: string) => encodeURIComponent(brokerUserOf(vhost, service))
  const make = async (service: string) => {
    await call('PUT', `users/${pathOf(service)}`, { password: passwordOf(service), tags: '' })
    await call('PUT', `permissions/${encodeURIComponent(vhost)}/${pathOf(service)}`, permissions[service])
  }
  await Promise.all(services.map(make))
  return async () => {
    await Promise.all(services.map((service) => call('DELETE', `users/${pathOf(service)}`)))
  }
}

/** The broker's address for one service, under its own user. */
export const brokerUrlOf = (
  rabbitmqUrl: string,
  { vhost, service, password }: { vhost: string; service: string; password: string },
): string => {
  const url = new URL(rabbitmqUrl)
  url.username = encodeURIComponent(brokerUserOf(vhost, service))
  url.password = encodeURIComponent(password)
  url.pathname = `/${encodeURIComponent(vhost)}`
  return url.href
}
