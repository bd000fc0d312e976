import { wantsSampleData } from '@countinghouse/shared/config'
import { createVault } from '@countinghouse/shared/crypto'
import { ensureCollections } from '@countinghouse/shared/mongo/collection'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { ServiceDefinition } from '@countinghouse/shared/service'
import { readSettings, type Settings } from './config.js'
import { refusals } from './errors.js'
import { keyEndpoints } from './keys/routes.js'
import { createSigner } from './keys/signer.js'
import { signingKeys } from './keys/store.js'
import { createOpenSession } from './sessions/commands.js'
import { sessionEndpoints } from './sessions/routes.js'
import { sessions } from './sessions/store.js'
import { userEndpoints } from './users/routes.js'
import { loadSampleUsers } from './users/sample.js'
import { findUserByLogin, users } from './users/store.js'

export const authService: ServiceDefinition<Settings> = {
  name: 'auth-service',
  readSettings,
  refusals,
  migrations: [{ id: '0001-users', up: (db) => ensureCollections(db, [users, sessions, signingKeys]) }],
  build: ({ settings, db, now }) => {
    const signer = createSigner({ db, vault: createVault(settings.ENCRYPTION_KEYS), now })
    const openSession = createOpenSession({ sign: signer.sign, accessSeconds: settings.JWT_ACCESS_TTL, now })
    const findLogin = (login: string) => findUserByLogin(readsOn(db), login)
    return {
      endpoints: [
        ...userEndpoints({ db, now, openSession }),
        ...sessionEndpoints({ findLogin, openSession }),
        ...keyEndpoints({ db }),
      ],
      prepare: async () => {
        await signer.prepare()
        if (wantsSampleData(settings)) await loadSampleUsers(db, now())
      },
    }
  },
}
