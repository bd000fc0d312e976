/** The services of the system, in the order of their ports. */
export const serviceNames = [
  'gateway',
  'auth-service',
  'wallet-service',
  'loan-service',
  'inventory-service',
  'reporting-service',
] as const
export type ServiceName = (typeof serviceNames)[number]

/** What runs beside the services, with code and data of one of them: the folder of its `main.ts`. */
export const besides = {
  'wallet-sync': { service: 'wallet-service', folder: 'sync' },
  'sandbox-institution': { service: 'wallet-service', folder: 'institution' },
  'sandbox-provider': { service: 'wallet-service', folder: 'sandbox' },
} as const satisfies Record<string, { service: ServiceName; folder: string }>

export type ProcessName = ServiceName | keyof typeof besides
export const processNames = [...serviceNames, ...Object.keys(besides)] as readonly ProcessName[]
export type ServicePorts = Record<ProcessName, { port: number; metricsPort: number }>

/** The service whose settings and secrets a process has. */
export const serviceOf = (name: ProcessName): ServiceName =>
  name in besides ? besides[name as keyof typeof besides].service : (name as ServiceName)
