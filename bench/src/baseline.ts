import mongoose, { type Connection, type mongo } from 'mongoose'

type Account = { _id: number; balance: bigint }
type Transfer = { _id: mongo.ObjectId; from: number; to: number; amount: bigint; at: Date }

const GUARANTEES = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', journal: true } } as const

/** The plain way: one MongoDB transaction per transfer, with the balance guarded, by the driver alone. */
export const openBaseline = async (mongodbUri: string, accounts: number) => {
  const db: Connection = await mongoose
    .createConnection(mongodbUri, { dbName: 'bench_baseline', maxPoolSize: 100, useBigInt64: true })
    .asPromise()
  await db.dropDatabase()
  const balances = db.collection<Account>('accounts')
  const transfers = db.collection<Transfer>('transfers')
  await balances.insertMany(Array.from({ length: accounts }, (_, _id) => ({ _id, balance: 1_000_000_000n })))
  await transfers.createIndex({ from: 1 })
  const transfer = async (from: number, to: number): Promise<void> => {
    const session = await db.startSession()
    try {
      await session.withTransaction(async () => {
        const paid = await balances.updateOne(
          { _id: from, balance: { $gte: 1n } },
          { $inc: { balance: -1n } },
          { session },
        )
        if (paid.modifiedCount !== 1) throw new Error('too little')
        await balances.updateOne({ _id: to }, { $inc: { balance: 1n } }, { session })
        await transfers.insertOne(
          { _id: new mongoose.mongo.ObjectId(), from, to, amount: 1n, at: new Date() },
          { session },
        )
      }, GUARANTEES)
    } finally {
      await session.endSession()
    }
  }
  return {
    transfer,
    close: async () => {
      await db.dropDatabase()
      await db.close()
    },
  }
}
