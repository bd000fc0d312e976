import { ROLES } from '@countinghouse/shared/contracts/auth'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { hashPassword } from '../passwordHash.js'
import { register, type Registration } from './commands/register.js'
import { hasUsers } from './store.js'

const byAdmin = { applicant: 'admin' } as const

// The first admin comes first, by the rule that makes one; then the others, as an admin makes them.
const logins: (Pick<Registration, 'applicant' | 'role' | 'email' | 'username' | 'id'> & { password: string })[] = [
  { applicant: 'nobody', email: 'admin@loanapp.com', password: 'admin123' },
  ...ROLES.filter((role) => role !== 'admin').map((role) => ({
    ...byAdmin,
    role,
    email: `${role}@countinghouse.test`,
    password: `${role}123`,
    // Whose products the sample shop has.
    ...(role === 'vendor' && { id: 'USER-VENDOR' }),
  })),
  { ...byAdmin, role: 'staff', email: 'raj@countinghouse.test', id: 'USER-RAJ', password: 'raj123' },
  { ...byAdmin, role: 'staff', email: 'meera@countinghouse.test', password: 'meera123' },
  ...['user123', 'user456'].map((id) => ({
    ...byAdmin,
    role: 'customer' as const,
    email: `${id}@countinghouse.test`,
    id,
    password: 'password123',
  })),
]

/** A login for each role, three of them staff, and the borrowers of the examples, on a system without users: all of them or none, whoever else starts at the same time. */
export const loadSampleUsers = async (db: Connection, now: Date): Promise<void> => {
  if (await hasUsers(readsOn(db))) return
  const registrations = await Promise.all(logins.map(toRegistration))
  await inTransaction(db, async (tx) => {
    if (await hasUsers(tx)) return
    for (const registration of registrations) await register(tx, registration, now)
  })
}

const toRegistration = async ({ password, ...login }: (typeof logins)[number]): Promise<Registration> => ({
  ...login,
  passwordHash: await hashPassword(password),
  emailVerified: true,
  ...{ firstName: null, lastName: null, phone: null, address: null },
})
