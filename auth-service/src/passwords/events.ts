import { passwordChanged } from '@countinghouse/shared/contracts/auth'
import { newEvent } from '@countinghouse/shared/messaging/event'

export const changed = (userId: string, by: 'change' | 'reset') =>
  newEvent(passwordChanged, userId, { user_id: userId, by })
