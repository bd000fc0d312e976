import { ROLES } from '@countinghouse/shared/contracts/auth'
import { text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { NewPassword } from '../../passwordRules.js'
import { exampleProfile } from '../../views.js'
import { USERNAME } from '../domain.js'

const Email = z.email().max(254)
const Username = z.string().regex(USERNAME, 'use letters, digits, dots, dashes and underscores')
const person = {
  first_name: text(100).nullable(),
  last_name: text(100).nullable(),
  phone: text(40).nullable(),
  address: text(500).nullable(),
}

export const RegisterBody = z.strictObject({
  email: Email,
  password: NewPassword,
  role: z.enum(ROLES).optional(),
  username: Username.optional(),
  first_name: person.first_name.default(null),
  last_name: person.last_name.default(null),
  phone: person.phone.default(null),
  address: person.address.default(null),
})

/** What people change of themselves. */
export const profileChanges = { email: Email, username: Username, ...person }

const { email, role, first_name, last_name, phone, address } = exampleProfile
export const exampleRegistration = {
  email,
  password: 'correct horse battery',
  role,
  first_name,
  last_name,
  phone,
  address,
}
