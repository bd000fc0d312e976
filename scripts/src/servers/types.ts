export const serverNames = ['mongodb', 'rabbitmq', 'redis'] as const
export type ServerName = (typeof serverNames)[number]
export const titles: Record<ServerName, string> = { mongodb: 'MongoDB', rabbitmq: 'RabbitMQ', redis: 'Redis' }

export type Say = (line: string) => void
export type Purpose = 'start' | 'test'
export type ProvisionOptions = {
  dataDir: string
  /** Test data is thrown away, so its servers need not be stopped gently. */
  purpose: Purpose
  say: Say
  /** Gives up: what was started is stopped, and the promise rejects. */
  signal?: AbortSignal | undefined
}

/** One server that answers, and how to end what was started for it. */
export type Provided = { url: string; adminUrl?: string; origin: string; stop(): Promise<void> }

/** A server of one's own: its address and its data stay the same over stops, kills and starts. */
export type OwnServer = {
  url: string
  start(): Promise<void>
  /** Ends it gently. */
  stop(): Promise<void>
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>
  /** Ends it for good, with all that belongs to it. */
  close(): Promise<void>
}
export type Provisions = Partial<Record<ServerName, Provided>>

/** One way to get at servers: gives those it can, leaves the rest to the next, throws when it began and failed. */
export type Rung = { name: string; provide(wanted: ServerName[], options: ProvisionOptions): Promise<Provisions> }

export type Servers = {
  /** Without a database name; good for transactions and change streams. */
  mongodbUri: string
  rabbitmqUrl: string
  rabbitmqAdminUrl: string
  redisUrl: string
  origins: Record<ServerName, string>
  stop(): Promise<void>
}
