import { ROLES } from '@countinghouse/shared/contracts/auth'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { hashPassword } from '../passwords.js'
import { register, type Registration } from './commands.js'
import { hasUsers } from './store.js'

// The first admin comes first, by the rule that makes one; then the others, as an admin makes them.
const logins = ROLES.map((role) =>
  role === 'admin'
    ? { applicant: 'nobody' as const, email: 'admin@loanapp.com', password: 'admin123' }
    : { applicant: 'admin' as const, role, email: `${role}@countinghouse.test`, password: `${role}123` },
)

/** One login for each role, on a system without users: all of them or none, whoever else starts at the same time. */
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
