import type { Bank } from './bank.js'
import { getIntent } from './intents.js'
import type { Row } from './state.js'

/** What a payer's bank asks them. */
export const page = (bank: Bank, id: string): string => {
  const intent = getIntent(bank, id)
  const amount = `${String(intent['amount'])} ${String(intent['currency']).toUpperCase()}`
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox bank</title>
<h1>Is it you who pays?</h1><p>${amount}, in the smallest unit of the currency. This is the sandbox: no money moves.</p>
<form method="post"><button name="outcome" value="complete">Yes, pay</button>
<button name="outcome" value="fail">No</button></form></html>`
}

/** Where the payer goes back to, with what the provider adds to the address. */
export const returnTo = (intent: Row): string => {
  const address = intent['return_url']
  if (typeof address !== 'string' || !/^https?:/.test(address)) return `/3d-secure/${intent.id}`
  const url = new URL(address)
  url.searchParams.set('payment_intent', intent.id)
  url.searchParams.set('redirect_status', intent['status'] === 'requires_payment_method' ? 'failed' : 'succeeded')
  return url.href
}
