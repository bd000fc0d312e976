/** What the users of the examples did with their cards; each step is made once for its key. */
export type SamplePayment = {
  key: string
  userId: string
  amount: number
  card: string
  /** What of it goes back to the card. */
  refund?: number
}

export const SAMPLE_PAYMENTS: readonly SamplePayment[] = [
  { key: 'sample:1', userId: 'user123', amount: 250, card: 'pm_card_visa', refund: 50 },
  { key: 'sample:2', userId: 'user123', amount: 80, card: 'pm_card_visa_chargeDeclinedInsufficientFunds' },
  { key: 'sample:3', userId: 'user456', amount: 120, card: 'pm_card_mastercard' },
]

/** Money that one of them sent to the other. */
export const SAMPLE_REMITTANCE = {
  ...{ key: 'sample:4', userId: 'user456', recipient: 'user123', amount: 40, description: 'Concert tickets' },
}
