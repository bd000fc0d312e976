import { userEmailVerified } from '@countinghouse/shared/contracts/auth'
import { newEvent } from '@countinghouse/shared/messaging/event'
import type { Profile } from '../identity.js'

export const emailVerified = ({ _id, email }: Profile) => newEvent(userEmailVerified, _id, { user_id: _id, email })
