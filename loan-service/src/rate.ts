import { z } from 'zod'

const PROBLEM = 'use a percentage from 0 to 100 with at most 4 decimals'

/** A percentage, kept as the decimal that was written. */
export const Rate = z
  .union([z.number(), z.string().max(20)])
  .meta({ description: 'Percent a year, 0 to 100, with at most 4 decimals', example: 12 })
  .transform((value) => String(value).trim())
  .refine((rate) => /^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$/.test(rate), PROBLEM)
