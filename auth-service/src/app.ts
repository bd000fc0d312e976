import { wantsSampleData } from '@countinghouse/shared/config'
import { createVault } from '@countinghouse/shared/crypto'
import { ensureCollections } from '@countinghouse/shared/mongo/collection'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Endpoint } from '@countinghouse/shared/http/endpoint'
import type { ServiceDefinition, ServiceKit } from '@countinghouse/shared/service'
import { apiKeyEndpoints } from './apiKeys/routes.js'
import { apiKeys } from './apiKeys/store.js'
import { readSettings, type Settings } from './config.js'
import { refusals } from './errors.js'
import type { EndKey } from './keys/commands.js'
import { keyEndpoints } from './keys/routes.js'
import { createSigner, followRotations, type Signer } from './keys/signer.js'
import { signingKeys } from './keys/store.js'
import { createAuthenticate, forgetFailures } from './logins/commands/authenticate.js'
import { loginEndpoints } from './logins/routes.js'
import { loginFailures } from './logins/store.js'
import { mailedTokens } from './mailedTokens.js'
import { passwordEndpoints } from './passwords/routes.js'
import { startAnnouncer } from './revocations/announcer.js'
import { revocationEndpoints } from './revocations/routes.js'
import { createInsertRevocation, revocations, type InsertRevocation } from './revocations/store.js'
import { serviceEndpoints } from './services/routes.js'
import { createEndSessions } from './sessions/commands/end.js'
import { createOpenSession } from './sessions/commands/open.js'
import { sessionEndpoints } from './sessions/routes.js'
import { dropUnrefreshable, isKnownAddress, refreshTokens, sessions } from './sessions/store.js'
import { noteLogin, noteVerified, setPassword } from './users/commands/prove.js'
import { userEndpoints } from './users/routes/administration.js'
import { meEndpoints } from './users/routes/me.js'
import { registrationEndpoints } from './users/routes/registration.js'
import { loadSampleUsers } from './users/sample.js'
import { completeUsers, findActiveUser, findUserByLogin, users } from './users/store.js'
import { createAskToVerify } from './verification/commands.js'
import { verificationEndpoints } from './verification/routes.js'

const STOLEN_KEY_KNOWN_FOR_SECONDS = 30 * 86_400

/** Tells every process of a signing key that is revoked; those that start later find it published no more. */
export const endKeyAt = (now: () => Date): EndKey => {
  const insert = createInsertRevocation({ accessSeconds: STOLEN_KEY_KNOWN_FOR_SECONDS, now })
  return (tx, kid) => insert(tx, 'signing_key', kid)
}

export const authService: ServiceDefinition<Settings> = {
  name: 'auth-service',
  readSettings,
  refusals,
  migrations: [
    { id: '0001-users', collections: [users, sessions, signingKeys] },
    { id: '0002-revocations', collections: [revocations, signingKeys, apiKeys] },
    {
      id: '0003-logins',
      collections: [refreshTokens, mailedTokens, loginFailures],
      up: async (db) => {
        await dropUnrefreshable(db)
        await completeUsers(db)
        await ensureCollections(db, [users, sessions])
      },
    },
    { id: '0004-stolen-keys', collections: [revocations] },
  ],
  build: ({ settings, db, redis, log, now }) => {
    const revoke = createInsertRevocation({ accessSeconds: settings.JWT_ACCESS_TTL, now })
    const signer = createSigner({ db, vault: createVault(settings.ENCRYPTION_KEYS), now })
    return {
      endpoints: [
        ...peopleEndpoints({ settings, db, now, sign: signer.sign, revoke }),
        ...keyEndpoints({ db, now }),
        ...revocationEndpoints({ db, now }),
        ...apiKeyEndpoints({ db, now, revoke: (tx, id) => revoke(tx, 'api_key', id) }),
        ...serviceEndpoints({ masterSecrets: settings.SERVICE_MASTER_SECRET, sign: signer.sign, now }),
      ],
      background: [() => startAnnouncer({ db, redis, log }), () => followRotations(signer, log)],
      prepare: async () => {
        await signer.prepare()
        if (wantsSampleData(settings)) await loadSampleUsers(db, now())
      },
    }
  },
}

type PeopleKit = Pick<ServiceKit<Settings>, 'settings' | 'db' | 'now'> & {
  sign: Signer['sign']
  revoke: InsertRevocation
}

const peopleEndpoints = ({ settings, db, now, sign, revoke }: PeopleKit): Endpoint[] => {
  const { JWT_ACCESS_TTL: accessSeconds, JWT_REFRESH_TTL: restSeconds, APP_URL: appUrl } = settings
  const findLogin = (login: string) => findUserByLogin(readsOn(db), login)
  const sessionDeps = { sign, accessSeconds, restSeconds, now, revoke }
  const openSession = createOpenSession(sessionDeps)
  const endSessions = createEndSessions(sessionDeps)
  const askToVerify = createAskToVerify({ now, appUrl })
  const authenticate = createAuthenticate({
    ...{ db, now, findLogin },
    isKnownAddress: (userId, address) => isKnownAddress(readsOn(db), userId, address),
  })
  const shared = { db, now, appUrl, findLogin, findUser: findActiveUser }
  const ways = { openSession, endSessions, askToVerify, authenticate }
  return [
    ...registrationEndpoints({ ...shared, ...ways }),
    ...loginEndpoints({ ...shared, ...ways, noteLogin: (tx, proof) => noteLogin(tx, proof, now()) }),
    ...sessionEndpoints({ ...shared, ...sessionDeps, endSessions }),
    ...meEndpoints({ ...shared, ...ways }),
    ...passwordEndpoints({
      ...shared,
      ...ways,
      forgetFailures,
      setPassword: (tx, userId, passwordHash) => setPassword(tx, userId, passwordHash, now()),
    }),
    ...verificationEndpoints({
      ...shared,
      askToVerify,
      noteVerified: (tx, userId, email) => noteVerified(tx, userId, email, now()),
    }),
    ...userEndpoints({ ...shared, ...ways }),
  ]
}
