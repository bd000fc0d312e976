import { expect } from '@jest/globals'

/** Matches a refusal with this code. */
export const refusal = (code: string): Error => expect.objectContaining({ code }) as unknown as Error
