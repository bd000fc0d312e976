import mongoose, { type Connection, type mongo } from 'mongoose'

type Level = { _id: number; onHand: number; value: number }
type Layer = { _id: number; item: number; left: number; value: number }
type Move = { _id: mongo.ObjectId; item: number; quantity: number; value: number; at: Date }

const GUARANTEES = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', journal: true } } as const
const PIECES = 1_000_000_000

/** The plain way: one MongoDB transaction per sale that changes level and layer and inserts the move, by the driver alone. */
export const openStockBaseline = async (mongodbUri: string, items: number) => {
  const db: Connection = await mongoose
    .createConnection(mongodbUri, { dbName: 'bench_stock_baseline', maxPoolSize: 100 })
    .asPromise()
  await db.dropDatabase()
  const levels = db.collection<Level>('levels')
  const layers = db.collection<Layer>('layers')
  const moves = db.collection<Move>('moves')
  const all = Array.from({ length: items }, (_, _id) => _id)
  await levels.insertMany(all.map((_id) => ({ _id, onHand: PIECES, value: PIECES })))
  await layers.insertMany(all.map((_id) => ({ _id, item: _id, left: PIECES, value: PIECES })))
  await moves.createIndex({ item: 1, _id: 1 })
  const sell = async (item: number): Promise<void> => {
    const session = await db.startSession()
    try {
      await session.withTransaction(async () => {
        const took = await levels.updateOne(
          { _id: item, onHand: { $gte: 1 } },
          { $inc: { onHand: -1, value: -1 } },
          { session },
        )
        if (took.modifiedCount !== 1) throw new Error('too little')
        await layers.updateOne({ _id: item }, { $inc: { left: -1, value: -1 } }, { session })
        const move = { _id: new mongoose.mongo.ObjectId(), item, quantity: -1, value: -1, at: new Date() }
        await moves.insertOne(move, { session })
      }, GUARANTEES)
    } finally {
      await session.endSession()
    }
  }
  return {
    sell,
    close: async () => {
      await db.dropDatabase()
      await db.close()
    },
  }
}
