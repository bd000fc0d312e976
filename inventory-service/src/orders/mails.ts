import { mailWrite } from '@countinghouse/shared/mail/outbox'
import { formatAmount } from '@countinghouse/shared/money'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Order } from './domain/order.js'

const TEXTS = {
  placed: (order: Order) => ({
    subject: `Your order ${order._id}`,
    text: `Thank you for your order.\n\n${linesOf(order)}\n\nTotal: ${formatAmount(order.totalMinor, order.currency)} ${order.currency}\n`,
  }),
  shipped: ({ _id, shipping }: Order) => ({
    subject: `Your order ${_id} is on its way`,
    text: `We have sent your order ${_id} to:\n\n${shipping.name}\n${shipping.address}\n${shipping.postalCode} ${shipping.city}\n${shipping.country}\n`,
  }),
  cancelled: ({ _id }: Order) => ({
    subject: `Your order ${_id} is cancelled`,
    text: `Your order ${_id} is cancelled. What you have paid for it comes back to you.\n`,
  }),
}

const linesOf = ({ lines, currency }: Order): string =>
  lines
    .map(
      ({ quantity, name, totalMinor }) =>
        `${quantity.toString()} × ${name}: ${formatAmount(totalMinor, currency)} ${currency}`,
    )
    .join('\n')

/** The mail to the buyer that commits with a step; none where nobody knows the address. */
export const mailAbout = (step: keyof typeof TEXTS, order: Order): CompanionWrite[] =>
  order.email === null ? [] : [mailWrite({ to: order.email, ...TEXTS[step](order) })]
