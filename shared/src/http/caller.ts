import type { Role, Scope } from '../contracts/auth.js'

/** Who makes a request. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'user'
      readonly userId: string
      readonly username: string
      readonly role: Role
      readonly sessionId: string
    }
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'apiKey'; readonly keyId: string; readonly name: string; readonly scopes: readonly Scope[] }

export type UserCaller = Extract<Caller, { kind: 'user' }>

export const anonymous: Caller = { kind: 'anonymous' }

/** `user:<id>`, `service:<name>`, `api-key:<id>` or `anonymous`: how logs, events and idempotency keys name a caller. */
export const actorOf = (caller: Caller): string => {
  switch (caller.kind) {
    case 'user':
      return `user:${caller.userId}`
    case 'service':
      return `service:${caller.name}`
    case 'apiKey':
      return `api-key:${caller.keyId}`
    case 'anonymous':
      return 'anonymous'
  }
}

/** What the `access` of a route may name to let this caller in. */
export const accessNamesOf = (caller: Caller): readonly string[] => {
  switch (caller.kind) {
    case 'user':
      return [caller.role]
    case 'service':
      return ['service', `service:${caller.name}`]
    case 'apiKey':
      return caller.scopes.map((scope) => `scope:${scope}`)
    case 'anonymous':
      return []
  }
}
