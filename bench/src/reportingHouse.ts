import { positions } from '@countinghouse/shared/messaging/position'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Ground, Service } from './ground.js'

export type ReportingHouse = {
  rabbitmqUrl: string
  service: Service
  get(path: string): Promise<Buffer>
  /** How many events the reports know. */
  projected(): Promise<number>
}

/** reporting-service as a real process, on an empty database and stream. */
export const openReportingHouse = async ({
  databaseOf,
  start,
  tokens,
  rabbitmqUrl,
}: Ground): Promise<ReportingHouse> => {
  const db = await databaseOf('reporting-service')
  const service = await start('reporting-service')
  const authorization = `Bearer ${tokens.userToken('admin')}`
  return {
    ...{ rabbitmqUrl, service },
    get: async (path) => {
      const response = await fetch(service.url + path, { headers: { authorization } })
      const body = Buffer.from(await response.arrayBuffer())
      if (response.status !== 200) throw new Error(`${path}: ${body.toString()}`)
      return body
    },
    projected: async () => ((await readsOn(db).findOne(positions, { _id: 'reports' }))?.offset ?? -1) + 1,
  }
}
