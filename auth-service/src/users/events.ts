import { userRegistered } from '@countinghouse/shared/contracts/auth'
import { newEvent } from '@countinghouse/shared/messaging/event'
import type { User } from './domain.js'

export const registered = ({ _id, email, username, role, firstName, lastName, phone }: User) =>
  newEvent(userRegistered, _id, {
    user_id: _id,
    email,
    username,
    role,
    first_name: firstName,
    last_name: lastName,
    phone,
  })
