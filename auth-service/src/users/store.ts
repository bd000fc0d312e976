import { ROLES, type Role } from '@countinghouse/shared/contracts/auth'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
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
    passwordHash: { type: String, required: true },
    firstAdmin: { type: Boolean, required: true },
    firstName: String,
    lastName: String,
    phone: String,
    address: String,
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
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

export const findUser = (reads: Reads, id: string) => reads.findOne(users, { _id: id })

export const findUserByEmail = (reads: Reads, email: string) => reads.findOne(users, { emailKey: toKey(email) })

export const findUserByUsername = (reads: Reads, username: string) =>
  reads.findOne(users, { usernameKey: toKey(username) })

/** By e-mail address or username, whichever it is. */
export const findUserByLogin = (reads: Reads, login: string) =>
  login.includes('@') ? findUserByEmail(reads, login) : findUserByUsername(reads, login)

export const hasAdmin = async (reads: Reads): Promise<boolean> =>
  (await reads.findOne(users, { role: 'admin' })) !== undefined

export const hasUsers = async (reads: Reads): Promise<boolean> => (await reads.findOne(users, {})) !== undefined

// What the caller has not found in this transaction but another one adds is a write conflict, and the decision runs again.
export const insertUser = (tx: Tx, user: User): Promise<void> => tx.insert(users, user)

export const listUsers = async (
  reads: Reads,
  { role, ...at }: { role?: Role | undefined; page: number; page_size: number },
): Promise<Page<User>> => {
  const filter = role ? { role } : {}
  const found = await reads.find(users, filter, { sort: { _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(users, filter), at)
}
