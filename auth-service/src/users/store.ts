import { ROLES, type Role } from '@countinghouse/shared/contracts/auth'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { native, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection, mongo } from 'mongoose'
import { USER_STATUSES, type UserStatus } from '../identity.js'
import { toKey, type User } from './domain.js'

export const users = defineCollection<User>(
  'users',
  {
    email: { type: String, required: true },
    emailKey: { type: String, required: true },
    emailVerified: { type: Boolean, required: true },
    username: { type: String, required: true },
    usernameKey: { type: String, required: true },
    role: { type: String, enum: ROLES, required: true },
    status: { type: String, enum: USER_STATUSES, required: true },
    passwordHash: { type: String, required: true },
    passwordChangedAt: { type: Date, required: true },
    firstAdmin: { type: Boolean, required: true },
    reliedOn: { type: Number, required: true },
    firstName: String,
    lastName: String,
    phone: String,
    address: String,
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    lastLoginAt: Date,
  },
  {
    indexes: [
      { fields: { emailKey: 1 }, options: { unique: true } },
      { fields: { usernameKey: 1 }, options: { unique: true } },
      { fields: { firstAdmin: 1 }, options: { unique: true, partialFilterExpression: { firstAdmin: true } } },
      { fields: { role: 1, _id: -1 } },
    ],
  },
)

export const findUser = async (reads: Reads, id: string): Promise<User | undefined> =>
  reads.findOne(users, { _id: id, status: { $ne: 'deleted' } })

export const findActiveUser = (reads: Reads, id: string) => reads.findOne(users, { _id: id, status: 'active' })

export const findUserByEmail = (reads: Reads, email: string) => reads.findOne(users, { emailKey: toKey(email) })

export const findUserByUsername = (reads: Reads, username: string) =>
  reads.findOne(users, { usernameKey: toKey(username) })

/** The active user of this e-mail address or username, whichever it is. */
export const findUserByLogin = (reads: Reads, login: string) =>
  reads.findOne(users, { [login.includes('@') ? 'emailKey' : 'usernameKey']: toKey(login), status: 'active' })

export const hasAdmin = async (reads: Reads): Promise<boolean> =>
  (await reads.findOne(users, { role: 'admin' })) !== undefined

export const hasUsers = async (reads: Reads): Promise<boolean> => (await reads.findOne(users, {})) !== undefined

// What the caller has not found in this transaction but another one adds is a write conflict, and the decision runs again.
export const insertUser = (tx: Tx, user: User): Promise<void> => tx.insert(users, user)

/** Writes a user who was read in this transaction. */
export const replaceUser = (tx: Tx, user: User): Promise<void> => tx.replace(users, user)

/** Relies on an active admin who is not this one: false when there is none. Of two who rely on each other one waits. */
export const relyOnAnotherAdmin = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.update(users, { _id: { $ne: id }, role: 'admin', status: 'active' }, { $inc: { reliedOn: 1 } })) === 1

export type ListQuery = {
  role?: Role | undefined
  status?: UserStatus | undefined
  search?: string | undefined
  sort: Record<string, 1 | -1>
  page: number
  page_size: number
}

export const listUsers = async (reads: Reads, query: ListQuery): Promise<Page<User>> => {
  const filter = filterOf(query)
  const found = await reads.find(users, filter, { sort: query.sort, ...rangeOf(query) })
  return new Page(found, await reads.count(users, filter), query)
}

const filterOf = ({ role, status, search }: ListQuery): mongo.Filter<User> => ({
  status: status ?? { $ne: 'deleted' },
  ...(role && { role }),
  ...(search !== undefined && { $or: SEARCHED.map((field) => ({ [field]: containing(search) })) }),
})

const SEARCHED = ['email', 'username', 'firstName', 'lastName']
const containing = (text: string) => ({ $regex: text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), $options: 'i' })

/** Users of the time when nobody could be deactivated. */
export const completeUsers = async (db: Connection): Promise<void> => {
  const missing = { status: 'active', reliedOn: 0, lastLoginAt: null, passwordChangedAt: '$createdAt' }
  await native(db, users).updateMany({ status: { $exists: false } }, [{ $set: missing }])
}
