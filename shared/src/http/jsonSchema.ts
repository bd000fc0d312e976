import { z } from 'zod'

/** A schema as JSON Schema: what goes in, before it is decoded, or what comes out. */
export const toJsonSchema = (schema: z.ZodType, io: 'input' | 'output'): object => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
