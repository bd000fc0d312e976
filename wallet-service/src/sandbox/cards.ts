import { WireError } from './wire.js'

/** What a test card does. */
export type Card = {
  brand: string
  last4: string
  decline?: { code: string; declineCode?: string; message: string }
  authenticates?: true
  disputed?: string
  refund?: 'fails' | 'waits'
}

const decline = (last4: string, code: string, declineCode: string | undefined, message: string): Card => ({
  brand: 'visa',
  last4,
  decline: { code, ...(declineCode !== undefined && { declineCode }), message },
})

const DECLINED = 'Your card was declined.'

/** The provider's well-known test means, by their names. */
const CARDS: Readonly<Record<string, Card>> = {
  pm_card_visa: { brand: 'visa', last4: '4242' },
  pm_card_visa_debit: { brand: 'visa', last4: '5556' },
  pm_card_mastercard: { brand: 'mastercard', last4: '4444' },
  pm_card_amex: { brand: 'amex', last4: '8431' },
  pm_card_visa_chargeDeclined: decline('0002', 'card_declined', 'generic_decline', DECLINED),
  pm_card_visa_chargeDeclinedInsufficientFunds: decline('9995', 'card_declined', 'insufficient_funds', 'Your card has insufficient funds.'), // prettier-ignore
  pm_card_visa_chargeDeclinedLostCard: decline('9987', 'card_declined', 'lost_card', DECLINED),
  pm_card_visa_chargeDeclinedStolenCard: decline('9979', 'card_declined', 'stolen_card', DECLINED),
  pm_card_chargeDeclinedExpiredCard: decline('0069', 'expired_card', undefined, 'Your card has expired.'),
  pm_card_chargeDeclinedIncorrectCvc: decline('0127', 'incorrect_cvc', undefined, 'Your card’s security code is incorrect.'), // prettier-ignore
  pm_card_chargeDeclinedProcessingError: decline('0119', 'processing_error', undefined, 'An error occurred while processing your card. Try again in a little bit.'), // prettier-ignore
  pm_card_threeDSecure2Required: { brand: 'visa', last4: '3220', authenticates: true },
  pm_card_authenticationRequired: { brand: 'visa', last4: '3155', authenticates: true },
  pm_card_threeDSecureRequiredChargeDeclined: {
    ...decline('1629', 'card_declined', 'generic_decline', DECLINED),
    authenticates: true,
  },
  pm_card_createDispute: { brand: 'visa', last4: '0259', disputed: 'fraudulent' },
  pm_card_createDisputeProductNotReceived: { brand: 'visa', last4: '2685', disputed: 'product_not_received' },
  pm_card_refundFail: { brand: 'visa', last4: '5126', refund: 'fails' },
  pm_card_pendingRefund: { brand: 'visa', last4: '7726', refund: 'waits' },
}

const NUMBERS: Readonly<Record<string, string>> = {
  '4242424242424242': 'pm_card_visa',
  '4000056655665556': 'pm_card_visa_debit',
  '5555555555554444': 'pm_card_mastercard',
  '378282246310005': 'pm_card_amex',
  '4000000000000002': 'pm_card_visa_chargeDeclined',
  '4000000000009995': 'pm_card_visa_chargeDeclinedInsufficientFunds',
  '4000000000009987': 'pm_card_visa_chargeDeclinedLostCard',
  '4000000000009979': 'pm_card_visa_chargeDeclinedStolenCard',
  '4000000000000069': 'pm_card_chargeDeclinedExpiredCard',
  '4000000000000127': 'pm_card_chargeDeclinedIncorrectCvc',
  '4000000000000119': 'pm_card_chargeDeclinedProcessingError',
  '4000000000003220': 'pm_card_threeDSecure2Required',
  '4000002500003155': 'pm_card_authenticationRequired',
  '4000008400001629': 'pm_card_threeDSecureRequiredChargeDeclined',
  '4000000000000259': 'pm_card_createDispute',
  '4000000000002685': 'pm_card_createDisputeProductNotReceived',
  '4000000000005126': 'pm_card_refundFail',
  '4000000000007726': 'pm_card_pendingRefund',
}

/** The means behind a name; refused as the provider refuses an unknown one. */
export const cardOf = (paymentMethod: string): Card => {
  const card = Object.hasOwn(CARDS, paymentMethod) ? CARDS[paymentMethod] : undefined
  if (card) return card
  throw new WireError(400, {
    ...{ type: 'invalid_request_error', code: 'resource_missing', param: 'payment_method' },
    message: `No such PaymentMethod: '${paymentMethod}'`,
  })
}

/** The name under which a test card's number is known. */
export const nameOfNumber = (number: string): string => {
  const name = NUMBERS[number.replaceAll(' ', '')]
  if (name !== undefined) return name
  const message = 'Your card number is incorrect.'
  throw new WireError(402, { type: 'card_error', code: 'incorrect_number', param: 'number', message })
}
