import type { Role } from '../contracts/auth.js'

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

export type UserCaller = Extract<Caller, { kind: 'user' }>

export const anonymous: Caller = { kind: 'anonymous' }

/** `user:<id>`, `service:<name>` or `anonymous`: how logs, events and idempotency keys name a caller. */
export const actorOf = (caller: Caller): string => {
  switch (caller.kind) {
    case 'user':
      return `user:${caller.userId}`
    case 'service':
      return `service:${caller.name}`
    case 'anonymous':
      return 'anonymous'
  }
}
