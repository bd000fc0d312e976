import { describe, expect, test } from '@jest/globals'
import { ROLES } from '@countinghouse/shared/contracts/auth'
import type { Operation } from '@countinghouse/scripts/generate/operations'
import { ask, unknownIds } from './asking.js'
import { ASKERS, mayCall, type Asker, type House } from './house.js'
import { rule, type Attempt } from './rule.js'

/** Each cell of the table of roles and routes is asked for; that the document agrees with it is a test of the document. */
export const accessRules = (house: () => House): void => {
  describe('roles and routes', () => {
    rule('who is not in the table is refused: 403, and 401 without a token', house, (operation, { tokens }) =>
      Array.isArray(operation['x-access'])
        ? ASKERS.filter((asker) => !mayCall(operation).includes(asker)).map((asker) => ({
            operation,
            token: tokens[asker],
            what: asker,
            complaint: ({ status, problem }) =>
              (status !== 403 || problem.code !== 'forbidden') && 'expected 403 forbidden',
          }))
        : [],
    )

    rule('who is in the table gets past the door', house, (operation) =>
      endsSessions(operation) ? [] : mayCall(operation).map((asker) => pastTheDoor(house(), operation, asker)),
    )

    test('each role may end its sessions', async () => {
      const { operations, newPerson, system } = house()
      const ends = operations.filter(endsSessions)
      expect(ends.length).toBeGreaterThan(0)
      for (const role of ROLES) {
        const { email, password } = await newPerson(role)
        for (const operation of ends) {
          const { status } = await ask(house(), operation, { token: await system.login(email, password) })
          expect([role, operation.name, status]).toEqual([role, operation.name, 204])
        }
      }
    })
  })
}

// Nothing is sent that would be done: the ids are of nothing but the asker, and the bodies are empty.
const pastTheDoor = ({ tokens, ids }: House, operation: Operation, asker: Asker): Attempt => ({
  operation,
  token: tokens[asker],
  params: { ...unknownIds(operation), ...(asker !== 'service' && { userId: ids[asker] }) },
  body: '{}',
  what: asker,
  complaint: ({ status, problem }) =>
    (status === 401 || problem.code === 'forbidden' || problem.code === 'unauthenticated') && 'expected to get in',
})

// They have a test of their own: here the next request would have no token.
const endsSessions = ({ name }: Operation): boolean => /^POST \/auth\/logout/.test(name)
