import { z } from 'zod'

/** What an event of the provider must have to be logged; what it tells beyond that is for whoever takes it. */
export const ToldEvent = z.looseObject({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  created: z.number().int(),
  data: z.looseObject({ object: z.looseObject({ id: z.string().min(1).max(255).optional() }) }),
})
