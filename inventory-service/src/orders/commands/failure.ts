import { stepped } from '../domain/order.js'
import { save } from './checkOut.js'
import { withLatest, type Deps } from './deps.js'

/** An attempt to pay was declined; the buyer may try again with another means, for as long as the goods are kept. */
export const noteFailure = (deps: Deps, number: string, { code, message }: { code: string; message: string }) =>
  withLatest(deps, number, async (order) => {
    if (order.status !== 'pending' || order.paidAt) return order
    const failure = { code, status: 402, message }
    return save(deps, order, stepped(order, { failure, paymentStatus: 'failed' }, deps.now()))
  })
