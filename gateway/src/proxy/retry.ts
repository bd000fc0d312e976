import type { Body } from './body.js'

/** How many retries there may be for each request that is made, so that retries never become a load of their own. */
const SHARE = 0.1
const SAVED_MAX = 10

/** A budget that every request pays into and every retry takes from. */
export const createBudget = () => {
  let saved = SAVED_MAX
  return {
    pay: (): void => {
      saved = Math.min(SAVED_MAX, saved + SHARE)
    },
    spend: (): boolean => {
      if (saved < 1) return false
      saved -= 1
      return true
    },
  }
}

const NEVER_ARRIVED = ['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND']
const BROKE_OFF = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']
const REPEATABLE = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])

export type Failed = { method: string; hasKey: boolean; body: Body; error: unknown }

/** Whether a request that failed may be sent once more: the body is still whole, and a second arrival does no harm. */
export const mayRepeat = ({ method, hasKey, body, error }: Failed): boolean => {
  if (body !== null && !Buffer.isBuffer(body)) return false
  const code = (error as { code?: string }).code ?? ''
  if (NEVER_ARRIVED.includes(code)) return true
  return BROKE_OFF.includes(code) && (REPEATABLE.has(method) || hasKey)
}
