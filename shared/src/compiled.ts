import { z } from 'zod'
import { forEvery } from './latest.js'

const compile = forEvery((schema: z.ZodType) => z.compile(schema))

/** A schema as generated code, made when it is first asked for: it takes and refuses the same, many times faster. */
export const compiled = <Schema extends z.ZodType>(schema: Schema): Schema => compile(schema) as Schema
