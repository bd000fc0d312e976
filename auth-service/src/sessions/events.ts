import { refreshReused, sessionEnded, sessionOpened, type SessionEnd } from '@countinghouse/shared/contracts/auth'
import { newEvent } from '@countinghouse/shared/messaging/event'
import type { Visit } from '../identity.js'
import type { Session } from './domain.js'

export const opened = ({ _id, userId, device, address }: Session) =>
  newEvent(sessionOpened, userId, { user_id: userId, session_id: _id, device, address })

export const ended = ({ _id, userId }: Session, reason: SessionEnd) =>
  newEvent(sessionEnded, userId, { user_id: userId, session_id: _id, reason })

export const reused = ({ _id, userId }: Session, { device, address }: Visit) =>
  newEvent(refreshReused, userId, { user_id: userId, session_id: _id, device: device ?? null, address })
