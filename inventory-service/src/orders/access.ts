import type { UserCaller } from '@countinghouse/shared/http/caller'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import type { Order } from './domain/order.js'
import { findOrder } from './store.js'

/** The order, if it is the caller's; admins see all, and nobody else learns that it exists. */
export const getVisibleOrder = async (
  { db }: { db: Connection },
  number: string,
  { userId, role }: UserCaller,
): Promise<Order> => {
  const order = await findOrder(readsOn(db), number)
  if (!order || (role !== 'admin' && order.userId !== userId)) throw refuse('order_not_found', { order_number: number })
  return order
}
