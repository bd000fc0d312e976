import { isDeepStrictEqual } from 'node:util'
import type { Answer } from '@countinghouse/client'
import { Failure } from '../kit/failure.js'
import { waitFor } from '../kit/wait.js'

type Fields = Record<string, unknown>
/** The answer of a route that the document knows has its type, of those the one in JSON; any other has fields. */
type Got<Body> = unknown extends Body ? Fields : Exclude<Body, string>

/** Fails, with what was expected and what came, unless the answer has this status and these fields. */
export const expectAnswer = <Body>(
  { status, body }: Answer<Body>,
  expectedStatus: number,
  fields: Fields = {},
): Got<Body> => {
  const got = (body ?? {}) as Fields
  const wrong = Object.entries(fields).filter(([name, value]) => !isDeepStrictEqual(got[name], value))
  if (status === expectedStatus && wrong.length === 0) return got as Got<Body>
  const expected = JSON.stringify({ status: expectedStatus, ...fields })
  throw new Failure(`Expected ${expected}\nbut got  ${JSON.stringify({ status, ...got })}`)
}

const WITHIN_MS = 30_000

/** Repeats a question until its answer has these fields: for what follows by event. */
export const expectEventually = <Body>(
  what: string,
  ask: () => Promise<Answer<Body>>,
  fields: Fields,
): Promise<Got<Body>> =>
  waitFor(what, async () => expectAnswer(await ask(), 200, fields), { timeoutMs: WITHIN_MS, intervalMs: 25 })
