export { provisionServers } from './servers/provision.js'
export { startBroker } from './servers/startBroker.js'
export type { Broker } from './servers/rabbitmq/broker.js'
export type { ProvisionOptions, Say, Servers } from './servers/types.js'
