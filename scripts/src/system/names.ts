/** The processes of the system, in the order of their ports. */
export const serviceNames = [
  'gateway',
  'auth-service',
  'wallet-service',
  'loan-service',
  'inventory-service',
  'reporting-service',
] as const
export type ServiceName = (typeof serviceNames)[number]
export type ServicePorts = Record<ServiceName, { port: number; metricsPort: number }>
