import { describe, expect, test } from '@jest/globals'
import type { Refusal } from '@countinghouse/shared/refusal'
import fc from 'fast-check'
import { USERNAME, decideAdmission, usernameFrom, type Application } from './domain.js'

const ROLES = ['admin', 'staff', 'viewer', 'vendor', 'customer'] as const
const anyRole = fc.constantFrom(...ROLES, undefined)

const decide = (application: Application) => {
  try {
    const { by, role } = decideAdmission(application)
    return `${by}: ${role}`
  } catch (error) {
    return (error as Refusal).status
  }
}

describe('the first rule that fits decides who may register', () => {
  test.each(ROLES)('an admin makes users of any role: %s', (role) => {
    expect(decide({ applicant: 'admin', role, adminExists: true })).toBe(`admin: ${role}`)
  })

  test('an admin who names no role makes staff', () => {
    expect(decide({ applicant: 'admin', role: undefined, adminExists: true })).toBe('admin: staff')
  })

  test('with any other token nobody makes anyone', () => {
    fc.assert(
      fc.property(anyRole, fc.boolean(), (role, adminExists) => {
        expect(decide({ applicant: 'other', role, adminExists })).toBe(403)
      }),
    )
  })

  test.each(['customer', 'vendor'] as const)(
    'anyone may sign up as %s, with an admin or before there is one',
    (role) => {
      expect(decide({ applicant: 'nobody', role, adminExists: true })).toBe(`sign_up: ${role}`)
      expect(decide({ applicant: 'nobody', role, adminExists: false })).toBe(`sign_up: ${role}`)
    },
  )

  test('who comes without a role becomes the first admin, and only the first', () => {
    expect(decide({ applicant: 'nobody', role: undefined, adminExists: false })).toBe('first_admin: admin')
    expect(decide({ applicant: 'nobody', role: undefined, adminExists: true })).toBe(401)
  })

  test.each(['admin', 'staff', 'viewer'] as const)('nobody gives themselves the role %s', (role) => {
    expect(decide({ applicant: 'nobody', role, adminExists: true })).toBe(401)
    expect(decide({ applicant: 'nobody', role, adminExists: false })).toBe(401)
  })
})

test('every e-mail address gives a username that is allowed, with room for an ending', () => {
  fc.assert(
    fc.property(fc.oneof(fc.emailAddress(), fc.string()), (email) => {
      expect(`${usernameFrom(email)}-a1b2c3`).toMatch(USERNAME)
    }),
  )
})

test.each([
  ['asha.rao@example.com', 'asha.rao'],
  ['Asha+shop@example.com', 'Ashashop'],
  ['.-+@example.com', 'user'],
])('%s is called %s', (email, username) => expect(usernameFrom(email)).toBe(username))
