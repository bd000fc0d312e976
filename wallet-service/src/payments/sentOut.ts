/** Money that is to go to a bank account by a payout, as the books have it. */
export type SentOut = {
  id: string
  payoutId: string | null
  status: 'on_its_way' | 'arrived' | 'back'
  amountMinor: bigint
  currency: string
  at: Date
}

/** All that is sent out, whichever feature sends it. */
export interface SentOutBook {
  onTheirWay(): Promise<SentOut[]>
  find(ids: readonly string[]): Promise<SentOut[]>
}
