/** Somebody else changed the document between its reading and its commit. */
export class Overtaken extends Error {}

/** Decides a step again on what another one left, for as long as others are faster. */
export const untilUnchanged = async <Result>(attempt: () => Promise<Result>): Promise<Result> => {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error
    }
  }
}
