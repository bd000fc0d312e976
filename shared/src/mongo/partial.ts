type Held = 'string' | 'date'

/**
 * The options of an index over only those documents in which the field holds a text or a moment. MongoDB answers from it
 * what asks in the same words, and scans the collection for `{ field: value }`: it concludes no type from a value. So such
 * a field is asked for by the functions below.
 */
export const where = (field: string, type: Held) => ({ partialFilterExpression: { [field]: { $type: type } } })

export const isText = (value: string) => ({ $eq: value, $type: 'string' as const })
export const isOneOf = (values: readonly string[]) => ({ $in: [...values], $type: 'string' as const })
export const isTextBetween = (from: string, before: string) => ({ $gte: from, $lt: before, $type: 'string' as const })
export const isDueBy = (moment: Date) => ({ $lte: moment, $type: 'date' as const })
