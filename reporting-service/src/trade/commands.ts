import type { Tx } from '@countinghouse/shared/mongo/transaction'
import {
  learnBill,
  learnBlow,
  learnLevel,
  learnRating,
  type BillNews,
  type Blow,
  type Count,
  type Goods,
  type Level,
  type Move,
  type Rating,
} from './domain.js'
import { bills, blows, counts, itemNames, levels, moves, ratings } from './store.js'

export const noteBill = async (tx: Tx, news: BillNews): Promise<void> => {
  const known = await tx.findOne(bills, { _id: `${news.kind} ${news.number}` })
  await tx.replace(bills, learnBill(known, news))
  await noteNames(tx, news.lines ?? [], news.at)
}

const noteNames = async (tx: Tx, lines: readonly Goods[], at: Date): Promise<void> => {
  for (const { itemId: _id, itemName: name } of lines.filter(({ itemName }) => itemName !== '')) {
    const before = await tx.findOne(itemNames, { _id })
    if (!before || (before.name !== name && before.at <= at)) await tx.replace(itemNames, { _id, name, at })
  }
}

export const noteBlow = async (tx: Tx, news: Blow): Promise<void> =>
  tx.replace(blows, learnBlow(await tx.findOne(blows, { _id: news._id }), news))

export const noteStock = async (tx: Tx, level: Level, made: readonly Move[]): Promise<void> => {
  await tx.replace(levels, learnLevel(await tx.findOne(levels, { _id: level._id }), level))
  for (const move of made) await tx.replace(moves, move)
}

export const noteCount = (tx: Tx, count: Count): Promise<void> => tx.replace(counts, count)

export const noteRating = async (tx: Tx, news: Rating): Promise<void> =>
  tx.replace(ratings, learnRating(await tx.findOne(ratings, { _id: news._id }), news))
