import { applyTopology } from '@countinghouse/shared/messaging/topology'
import { applyBrokerUsers, brokerPermissions, brokerUrlOf } from '@countinghouse/shared/messaging/users'
import { passwordOf as brokerPasswordOf } from '@countinghouse/shared/setup/secrets'

/** The broker's address for each service, under its own user. */
export type BrokerUrls = Readonly<Record<string, string>>

type Options = {
  rabbitmqUrl: string
  rabbitmqAdminUrl: string
  vhost: string
  /** What the passwords are made of, so that they are the same at the next start. */
  masterSecret: string
}

/** Brings exchanges, queues and policies up to date, and gives each service a user that may do no more than it must. */
export const prepareBroker = async (options: Options): Promise<BrokerUrls> => {
  const { rabbitmqUrl, rabbitmqAdminUrl: adminUrl, vhost, masterSecret } = options
  const passwordOf = (service: string) => brokerPasswordOf(masterSecret, 'rabbitmq', service)
  await applyTopology({ adminUrl, vhost })
  await applyBrokerUsers({ adminUrl, vhost, passwordOf })
  const urlOf = (service: string) => brokerUrlOf(rabbitmqUrl, { vhost, service, password: passwordOf(service) })
  return Object.fromEntries(Object.keys(brokerPermissions()).map((service) => [service, urlOf(service)]))
}
