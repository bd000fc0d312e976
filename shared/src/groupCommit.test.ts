import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createGroupCommit, type Outcome } from './groupCommit.js'

type Work = { id: number; kind: Outcome<number>['kind'] }

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
const work = (id: number, kind: Work['kind'] = 'done'): Work => ({ id, kind })

/** Records the groups; commits when told to, each request as it asks for (a deferred one is done the second time). */
const recorder = ({ groupMax = 100, queueMax = 1000 } = {}) => {
  const groups: number[][] = []
  const seen = new Set<number>()
  const outcomeOf = ({ id, kind }: Work, index: number): Outcome<number> => {
    if (kind === 'refused') return { kind, error: new Error(`refused ${id}`) }
    if (kind === 'deferred' && index > 0 && !seen.has(id)) {
      seen.add(id)
      return { kind }
    }
    return { kind: 'done', result: id }
  }
  let release: (() => void)[] = []
  const commit = async (group: readonly Work[]): Promise<Outcome<number>[]> => {
    groups.push(group.map(({ id }) => id))
    await new Promise<void>((resolve) => release.push(resolve))
    return group.map(outcomeOf)
  }
  const committer = createGroupCommit<Work, number>({ commit, groupMax, queueMax, full: () => new Error('full') })
  const finish = async (): Promise<void> => {
    while (committer.size() > 0) {
      const waiting = release
      release = []
      for (const resolve of waiting) resolve()
      await nextTurn()
    }
  }
  return { ...committer, groups, finish }
}

test('what arrives together is one group, committed without waiting for more; what comes meanwhile is the next', async () => {
  const { submit, groups, finish } = recorder()
  const results = [1, 2].map((id) => submit(work(id)))
  while (groups.length === 0) await nextTurn()
  results.push(submit(work(3)))
  await finish()
  expect(await Promise.all(results)).toEqual([1, 2, 3])
  expect(groups).toEqual([[1, 2], [3]])
})

test('a refusal is its own: the neighbours are done', async () => {
  const { submit, finish } = recorder()
  const results = [work(1), work(2, 'refused'), work(3)].map(submit)
  const settled = Promise.allSettled(results)
  await finish()
  expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('a group that cannot be committed fails for all in it, and the next one goes on', async () => {
  let first = true
  const commit = (group: readonly number[]): Promise<Outcome<number>[]> => {
    if (!first) return Promise.resolve(group.map((result) => ({ kind: 'done', result })))
    first = false
    return Promise.reject(new Error('no database'))
  }
  const { submit } = createGroupCommit<number, number>({
    commit,
    groupMax: 1,
    queueMax: 10,
    full: () => new Error('full'),
  })
  await expect(submit(1)).rejects.toThrow('no database')
  expect(await submit(2)).toBe(2)
})

test('a full queue says so at once', async () => {
  const { submit, finish } = recorder({ queueMax: 2 })
  const taken = [1, 2].map((id) => submit(work(id)))
  await expect(submit(work(3))).rejects.toThrow('full')
  await finish()
  expect(await Promise.all(taken)).toEqual([1, 2])
})

test('every request gets exactly its own outcome, no group is too large, and only the deferred lose their place', async () => {
  const anyWork = fc.array(fc.constantFrom<Work['kind']>('done', 'refused', 'deferred'), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(anyWork, fc.integer({ min: 1, max: 7 }), async (kinds, groupMax) => {
      const { submit, groups, finish } = recorder({ groupMax })
      const settled = Promise.allSettled(kinds.map((kind, id) => submit(work(id, kind))))
      await finish()
      for (const [id, outcome] of (await settled).entries())
        if (kinds[id] === 'refused')
          expect(outcome).toMatchObject({ status: 'rejected', reason: { message: `refused ${id}` } })
        else expect(outcome).toEqual({ status: 'fulfilled', value: id })
      expect(Math.max(0, ...groups.map(({ length }) => length))).toBeLessThanOrEqual(groupMax)
      const undeferred = groups.flat().filter((id) => kinds[id] !== 'deferred')
      expect(undeferred).toEqual(undeferred.toSorted((one, other) => one - other))
    }),
  )
})

test('a commit takes no more than is light enough for it, and what is too heavy for any goes alone', async () => {
  const groups: number[][] = []
  const { submit } = createGroupCommit<number, number>({
    commit: (group) => {
      groups.push([...group])
      return Promise.resolve(group.map((result) => ({ kind: 'done', result })))
    },
    groupMax: 3,
    weight: { of: (heaviness) => heaviness, max: 10 },
    queueMax: 100,
    full: () => new Error('full'),
  })
  const all = [1, 6, 4, 1, 50, 1, 1, 1, 1]
  expect(await Promise.all(all.map(submit))).toEqual(all)
  expect(groups).toEqual([[1, 6], [4, 1], [50], [1, 1, 1], [1]])
})
