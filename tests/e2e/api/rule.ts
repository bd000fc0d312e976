import { expect, test } from '@jest/globals'
import type { Operation } from '@countinghouse/scripts/generate/operations'
import { ask, flawsOf, type Asked, type Got } from './asking.js'
import type { House } from './house.js'

/** One request, and what is wrong with its answer, if anything. */
export type Attempt = Asked & {
  operation: Operation
  /** What is tried, for the list of failures. */
  what?: string
  complaint: (got: Got) => string | false
}

const AT_ONCE = 12

/** A test over the whole document: every answer is of the form of the API, and none gives reason to complain. */
export const rule = (name: string, house: () => House, attempts: (operation: Operation, house: House) => Attempt[]) => {
  test(name, async () => {
    const all = house().operations.flatMap((operation) => attempts(operation, house()))
    expect(all.length).toBeGreaterThan(0)
    expect((await inParallel(all, (attempt) => complaintOf(house(), attempt))).flat()).toEqual([])
  })
}

const complaintOf = async (house: House, attempt: Attempt): Promise<string[]> => {
  const { operation, what, complaint } = attempt
  const got = await ask(house, operation, attempt)
  const said = complaint(got)
  const found = [...(said === false ? [] : [said]), ...flawsOf(operation, got)]
  const told = `${got.status} ${got.problem.code ?? ''} ${got.status === 422 ? JSON.stringify(got.problem.errors) : ''}`
  return found.map((flaw) => `${operation.name}${what === undefined ? '' : `, ${what}`}: ${flaw}; got ${told}`)
}

export const inParallel = async <Item, Result>(
  items: Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = []
  const queue = items.entries()
  const work = async () => {
    for (const [at, item] of queue) results[at] = await act(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}

export const expectStatus =
  (...statuses: number[]) =>
  ({ status }: Got): string | false =>
    !statuses.includes(status) && `expected ${statuses.join(' or ')}`

/** A 422 that names the place. */
export const expectInvalid =
  (...loc: string[]) =>
  ({ status, problem }: Got): string | false => {
    if (status !== 422) return 'expected 422'
    const places = (problem.errors ?? []).map((error) => error.loc.join('.'))
    return (
      !places.some((place) => place === loc.join('.') || place.startsWith(`${loc.join('.')}.`)) &&
      `expected loc ${loc.join('.')}`
    )
  }
