import { mongo } from 'mongoose'

// MongoDB's error codes for a set that was never begun, and for a configuration that does not name this address.
const notYetInitialized = 94
const notAMember = 93

type Config = { version: number; members: { _id: number; host: string }[] }

/** Begins the replica set of one, or teaches it its new port; does nothing when all is in place. */
export const ensureReplicaSet = async (port: number): Promise<void> => {
  const client = new mongo.MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 2_000,
  })
  const host = `127.0.0.1:${port}`
  const admin = client.db('admin')
  try {
    await admin.command({ replSetGetStatus: 1 })
  } catch (error) {
    const code = error instanceof mongo.MongoServerError ? error.code : undefined
    if (code === notYetInitialized)
      await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host }] } })
    else if (code === notAMember) await moveTo(admin, host)
    else throw error
  } finally {
    await client.close()
  }
}

const moveTo = async (admin: mongo.Db, host: string): Promise<void> => {
  const config = (await admin.command({ replSetGetConfig: 1 }))['config'] as Config
  const members = config.members.map((member) => ({ ...member, host }))
  await admin.command({ replSetReconfig: { ...config, version: config.version + 1, members }, force: true })
}
