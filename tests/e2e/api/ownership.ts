import { describe, expect, test } from '@jest/globals'
import type { Operation } from '@countinghouse/scripts/generate/operations'
import { ask, pathParameters } from './asking.js'
import { mayCall, type House, type Person } from './house.js'
import { findObject, notOwned } from './objects.js'

/** Two people over every route with an id: what is not one's own is not there. */
export const ownershipRules = (house: () => House): void => {
  describe('what belongs to somebody else', () => {
    const routes = () =>
      house().operations.filter(
        (operation) => pathParameters(operation).length > 0 && roleFor(operation) && !notOwned(operation.path),
      )

    test('every route with an id that customers or vendors may call is in tests/e2e/api/objects.ts', () => {
      const unknown = routes().filter(({ path }) => !findObject(path))
      expect(unknown.map(({ name }) => `say in objects.ts how to make what ${name} names`)).toEqual([])
    })

    test('is 404 for another, and there for its owner', async () => {
      const [owner, other] = [await bothRoles(house()), await bothRoles(house())]
      const known = routes().filter(({ path }) => findObject(path))
      expect(known.length).toBeGreaterThan(0)
      const complaints: string[] = []
      // One after another: they share the few things that one person may have.
      for (const operation of known) complaints.push(...(await complaintsOf(house(), operation, { owner, other })))
      expect(complaints).toEqual([])
    })
  })
}

type Both = Record<'customer' | 'vendor', Person>

const bothRoles = async ({ newPerson }: House): Promise<Both> => ({
  customer: await newPerson('customer'),
  vendor: await newPerson('vendor'),
})

const roleFor = (operation: Operation): keyof Both | undefined => {
  const may = mayCall(operation)
  return (['customer', 'vendor'] as const).find((role) => may.includes(role))
}

const complaintsOf = async (house: House, operation: Operation, people: { owner: Both; other: Both }) => {
  const object = findObject(operation.path)
  const role = roleFor(operation)
  if (!object || !role) return []
  const params = await object.make(house, people.owner[role])
  const foreign = await ask(house, operation, { params, token: people.other[role].token })
  const own = await ask(house, operation, { params, token: people.owner[role].token })
  const expected = object.foreignStatus ?? 404
  return [
    ...(foreign.status === expected && foreign.problem.code !== 'route_not_found'
      ? []
      : [`${operation.name} answers another ${role} ${foreign.status} ${foreign.problem.code}, not ${expected}`]),
    ...(own.status === 404 || own.status === 403 || own.status >= 500
      ? [`${operation.name} answers the owner ${own.status} ${own.problem.code}: what was made is not what it names`]
      : []),
  ]
}
