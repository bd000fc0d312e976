import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { inventoryService } from '../app.js'
import type { Settings } from '../config.js'

const usual = {
  WALLET_URL: 'http://127.0.0.1:1',
  SUPPORT_CONTACT: 'help@countinghouse.test',
  APPROVAL_THRESHOLD: 10_000n,
  APPROVALS_REQUIRED: 2,
  APPROVAL_DAYS: 7,
}

/** inventory-service on the real servers, with the settings that it has by default. */
export const startInventory = (settings: Partial<Settings> = {}): Promise<TestService> =>
  startTestService(inventoryService, { ...usual, ...settings })

type Role = Parameters<TestService['tokens']['userToken']>[0]
export type Call = { role?: Role; userId?: string; key?: string; ifMatch?: number; query?: object; body?: object }
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** How a test speaks to a service: as staff, unless it says otherwise. */
export const callerOf =
  ({ url, tokens }: TestService) =>
  (method: Method, path: string, { role = 'staff', userId, key, ifMatch, query = {}, body }: Call = {}): request.Test =>
    request(url)
      [method](path)
      .set('authorization', `Bearer ${tokens.userToken(role, userId)}`)
      .set(key === undefined ? {} : { 'idempotency-key': key })
      .set(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch.toString()}"` })
      .query(query)
      .send(body)
