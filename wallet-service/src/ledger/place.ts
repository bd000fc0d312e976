import type { mongo } from 'mongoose'

/** Where an entry stands in the journal: blocks follow one another, and so do the entries within a block. */
export type Place = { readonly height: number; readonly index: number }

export const toCursor = ({ height, index }: Place): string => `${height}.${index}`

/** The place that a cursor names; undefined for a text that no feed has given out. */
export const parsePlace = (cursor: string): Place | undefined => {
  const [, height, index] = /^(\d{1,12})\.(\d{1,9})$/.exec(cursor) ?? []
  return height === undefined || index === undefined ? undefined : { height: Number(height), index: Number(index) }
}

/** Selects the entries before a place. The bound on the height alone is what lets an index find them. */
export const before = ({ height, index }: Place): mongo.Document => ({
  height: { $lte: height },
  $or: [{ height: { $lt: height } }, { index: { $lt: index } }],
})

/** Selects the entries after one place (or from the beginning) up to another, which is included. */
export const between = (after: Place | undefined, upTo: Place): mongo.Document => ({
  height: { $gte: after?.height ?? 0, $lte: upTo.height },
  $and: [
    { $or: [{ height: { $lt: upTo.height } }, { index: { $lte: upTo.index } }] },
    ...(after ? [{ $or: [{ height: { $gt: after.height } }, { index: { $gt: after.index } }] }] : []),
  ],
})
