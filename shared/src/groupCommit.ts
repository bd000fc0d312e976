import { setImmediate as nextTurn } from 'node:timers/promises'

/** What became of one request of a group. A deferred one is taken again, first, by the next group. */
export type Outcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'deferred' }

export type GroupCommitOptions<Request, Result> = {
  /** Decides and commits a group in one transaction; answers one outcome for each request, in order. */
  readonly commit: (group: readonly Request[]) => Promise<readonly Outcome<Result>[]>
  readonly groupMax: number
  /** What a request adds to a commit beside itself, and how much of that fits one; a heavier request goes alone. */
  readonly weight?: { readonly of: (request: Request) => number; readonly max: number }
  readonly queueMax: number
  /** What a request gets when the queue is full. */
  readonly full: () => Error
}

export interface GroupCommit<Request, Result> {
  submit(request: Request): Promise<Result>
  /** How many requests wait or are being committed. */
  size(): number
}

type Waiting<Request, Result> = {
  readonly request: Request
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Commits in groups what would collide one by one: while one group commits, requests queue, and the next group takes
 * all that wait. There is no timer: alone, a request is committed at once. A group that cannot be committed fails for
 * all in it; a request that is refused fails alone.
 */
export const createGroupCommit = <Request, Result>({
  commit,
  groupMax,
  weight,
  queueMax,
  full,
}: GroupCommitOptions<Request, Result>): GroupCommit<Request, Result> => {
  let queue: Waiting<Request, Result>[] = []
  let committing: readonly Waiting<Request, Result>[] = []
  let running = false

  const commitNext = async (): Promise<void> => {
    await gather()
    const length = Math.min(groupMax, fittingLength(queue, weight))
    committing = queue.slice(0, length)
    queue = queue.slice(length)
    try {
      const outcomes = await commit(committing.map(({ request }) => request))
      const deferred = committing.filter((waiting, index) => !settle(waiting, outcomes[index]))
      if (deferred.length === committing.length)
        throw new Error('A group in which everything is deferred cannot proceed')
      queue = [...deferred, ...queue]
    } catch (error) {
      for (const { reject } of committing) reject(error)
    }
    committing = []
  }
  // Requests that have arrived at the process but not yet at the queue come along; when none does, nothing is waited for.
  const gather = async (): Promise<void> => {
    for (let before = -1; queue.length > before && queue.length < groupMax; await nextTurn()) before = queue.length
  }
  const run = async (): Promise<void> => {
    running = true
    while (queue.length > 0) await commitNext()
    running = false
  }
  return {
    submit: (request) =>
      new Promise((resolve, reject) => {
        if (queue.length >= queueMax) {
          reject(full())
          return
        }
        queue.push({ request, resolve, reject })
        if (!running) void run()
      }),
    size: () => queue.length + committing.length,
  }
}

/** How many of those that wait are light enough for one commit; always one. */
const fittingLength = <Request>(
  queue: readonly { readonly request: Request }[],
  weight: GroupCommitOptions<Request, unknown>['weight'],
): number => {
  if (!weight) return queue.length
  let left = weight.max
  const tooMuch = queue.findIndex(({ request }) => (left -= weight.of(request)) < 0)
  return tooMuch === -1 ? queue.length : Math.max(1, tooMuch)
}

const settle = <Request, Result>(waiting: Waiting<Request, Result>, outcome: Outcome<Result> | undefined): boolean => {
  switch (outcome?.kind) {
    case 'done':
      waiting.resolve(outcome.result)
      return true
    case 'refused':
      waiting.reject(outcome.error)
      return true
    case 'deferred':
      return false
    case undefined:
      waiting.reject(new Error('The commit gave no outcome for a request'))
      return true
  }
}
