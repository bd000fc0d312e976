import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { refuse } from '../../errors.js'
import type { User } from '../domain.js'
import { findActiveUser, findUser } from '../store.js'

export const getUser = async (reads: Reads, id: string): Promise<User> => {
  const user = await findUser(reads, id)
  if (!user) throw refuse('user_not_found', { user_id: id })
  return user
}

/** The user behind a token; refuses the token when there is none any more. */
export const getCaller = async (reads: Reads, id: string): Promise<User> => {
  const user = await findActiveUser(reads, id)
  if (!user) throw refuseCommon('user_gone')
  return user
}
