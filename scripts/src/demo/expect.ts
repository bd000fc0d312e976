import { isDeepStrictEqual } from 'node:util'
import { Failure } from '../kit/failure.js'
import { waitFor } from '../kit/wait.js'
import type { Answer } from './api.js'

type Fields = Record<string, unknown>

/** Fails, with what was expected and what came, unless the answer has this status and these fields. */
export const expectAnswer = ({ status, body }: Answer, expectedStatus: number, fields: Fields = {}): Fields => {
  const got = (body ?? {}) as Fields
  const wrong = Object.entries(fields).filter(([name, value]) => !isDeepStrictEqual(got[name], value))
  if (status === expectedStatus && wrong.length === 0) return got
  const expected = JSON.stringify({ status: expectedStatus, ...fields })
  throw new Failure(`Expected ${expected}\nbut got  ${JSON.stringify({ status, ...got })}`)
}

const WITHIN_MS = 30_000

/** Repeats a question until its answer has these fields: for what follows by event. */
export const expectEventually = (what: string, ask: () => Promise<Answer>, fields: Fields): Promise<Fields> =>
  waitFor(what, async () => expectAnswer(await ask(), 200, fields), { timeoutMs: WITHIN_MS, intervalMs: 25 })
