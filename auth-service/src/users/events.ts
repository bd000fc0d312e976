import {
  userDeactivated,
  userDeleted,
  userReactivated,
  userRegistered,
  userRoleChanged,
  userUpdated,
} from '@countinghouse/shared/contracts/auth'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { User } from './domain.js'

export const registered = (user: User) =>
  newEvent(userRegistered, user._id, { ...toData(user), role: user.role, email_verified: user.emailVerified })

/** What there is to tell when a user has become another. */
export const changed = (before: User, after: User): Envelope[] => [
  ...(before.status === after.status ? [] : [statusChanged(after)]),
  ...(before.role === after.role
    ? []
    : [newEvent(userRoleChanged, after._id, { user_id: after._id, from: before.role, to: after.role })]),
  ...(sameProfile(before, after) ? [] : [updated(after)]),
]

const updated = (user: User) =>
  newEvent(userUpdated, user._id, { ...toData(user), email_verified: user.emailVerified, version: user.version })

const statusChanged = ({ _id, status }: User): Envelope => {
  const contract = { active: userReactivated, deactivated: userDeactivated, deleted: userDeleted }[status]
  return newEvent(contract, _id, { user_id: _id })
}

const sameProfile = (before: User, after: User): boolean =>
  (['email', 'username', 'firstName', 'lastName', 'phone', 'address'] as const).every(
    (field) => before[field] === after[field],
  )

const toData = ({ _id, email, username, firstName, lastName, phone }: User) => ({
  user_id: _id,
  email,
  username,
  first_name: firstName,
  last_name: lastName,
  phone,
})
