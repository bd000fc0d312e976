import { loginsFailing } from '@countinghouse/shared/contracts/auth'
import { newEvent } from '@countinghouse/shared/messaging/event'
import type { Visit } from '../identity.js'
import type { Failures } from './domain.js'

/** What was typed as a name is not told: it may be a password. */
export const failing = ({ count }: Failures, userId: string | undefined, { device, address }: Visit) =>
  newEvent(loginsFailing, userId ?? 'nobody', {
    user_id: userId ?? null,
    failures: Math.round(count),
    device: device ?? null,
    address,
  })
