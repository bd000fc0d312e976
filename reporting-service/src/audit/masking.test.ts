import { expect, test } from '@jest/globals'
import { withoutSecrets } from './masking.js'

test('secrets are never written down, however deep they stand', () => {
  const data = { password: 'p', login: { access_token: 't', client_secret: 's' }, cards: [{ cvc: '123' }] }
  expect(withoutSecrets(data)).toEqual({
    password: '***',
    login: { access_token: '***', client_secret: '***' },
    cards: [{ cvc: '***' }],
  })
})

test.each([
  ['paid with 4242 4242 4242 4242, thanks', 'paid with ***4242, thanks'],
  ['5555555555554444', '***4444'],
  ['378282246310005', '***0005'],
  // No card numbers: a wrong check digit, a time, an id.
  ['4242424242424241', '4242424242424241'],
  ['2026-11-21T09:30:00.000Z', '2026-11-21T09:30:00.000Z'],
  ['019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11', '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11'],
])('of the card number in "%s" four digits stay', (note, masked) => {
  expect(withoutSecrets({ note })).toEqual({ note: masked })
})

test('an amount is no card number', () => {
  expect(withoutSecrets({ amount_minor: '4242424242424242' })).toEqual({ amount_minor: '4242424242424242' })
})
