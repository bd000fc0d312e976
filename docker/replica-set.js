// Run by mongosh beside the first member: MongoDB lets this machine begin the set and make its administrator, once.
const isDone = ({ codeName }) => codeName === 'Unauthorized'
const isBegun = ({ codeName }) => codeName === 'AlreadyInitialized'

const members = [1, 2, 3].map((number) => ({
  _id: number - 1,
  host: `mongodb-${number}:27017`,
  priority: number === 1 ? 2 : 1,
}))
try {
  rs.initiate({ _id: 'mongodb', members })
} catch (error) {
  if (isDone(error)) quit(0)
  if (!isBegun(error)) throw error
}
while (!db.hello().isWritablePrimary) sleep(500)

const pwd = require('node:fs').readFileSync('/run/secrets/password', 'utf8').trim()
try {
  db.getSiblingDB('admin').createUser({ user: 'admin', pwd, roles: ['root'] })
} catch (error) {
  if (!isDone(error)) throw error
}
