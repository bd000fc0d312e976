import { expect, test } from '@jest/globals'
import { createRules, networkOf, toHeaders, type Call } from './domain.js'

const rulesOf = createRules({
  perMinute: 100,
  anonymousPerDay: 100,
  userPerDay: 1000,
  loginsPerMinute: 20,
  registrationsPerHour: 10,
})
const told = (call: Partial<Call>) =>
  rulesOf({ method: 'GET', url: '/loans', actor: 'anonymous', address: '203.0.113.7', ...call }).map(
    ({ key, policy }) => `${key} ${policy.quota} in ${policy.windowMs / 1000}`,
  )

test('a user has 100 requests a minute, wherever they come from', () => {
  expect(told({ actor: 'user:ann' })).toEqual(['minute:user:ann 100 in 60'])
  expect(told({ actor: 'user:ann', address: '198.51.100.1' })).toEqual(told({ actor: 'user:ann' }))
})

test('without a user the address has them', () => {
  expect(told({})).toEqual(['minute:address:203.0.113.7 100 in 60'])
})

test.each([
  '/products',
  '/products?page=2',
  '/categories/1',
  '/cart/items',
  '/orders/o1',
  '/reviews/1',
  '/availability',
])('the shop (%s) is open 100 times a day to an address and 1000 times to a user', (url) => {
  expect(told({ url })).toContain('day:address:203.0.113.7 100 in 86400')
  expect(told({ url, actor: 'user:ann' })).toContain('day:user:ann 1000 in 86400')
})

test.each(['/productsale', '/loans?next=/products', '/stocks/orders'])('%s is not the shop', (url) => {
  expect(told({ url })).toHaveLength(1)
})

test.each(['/auth/login', '/auth/LOGIN', '/auth/login?x=1', '/auth/login//'])('%s is tight for an address', (url) => {
  expect(told({ method: 'POST', url })).toContain('login:address:203.0.113.7 20 in 60')
})

test.each(['/auth/register', '/auth/Register', '/auth/forgot-password'])('%s is tight for an address', (url) => {
  expect(told({ method: 'POST', url, actor: 'user:ann' })).toContain('registration:address:203.0.113.7 10 in 3600')
})

test('services are not limited', () => {
  expect(told({ actor: 'service:loan-service', url: '/products' })).toEqual([])
})

test.each([
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::6', '2001:db8:1:2::/64'],
  ['2001:db8::1:2', '2001:db8:0:0::/64'],
  ['2001:db8:1::', '2001:db8:1:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['203.0.113.7', '203.0.113.7'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('the headers tell each policy, what is left of it and when more will be, in whole seconds', () => {
  const [minute, day] = rulesOf({ method: 'GET', url: '/cart', actor: 'user:ann', address: '' })
  if (!minute || !day) throw new Error('The shop has two rules')
  const standings = [
    { rule: minute, remaining: 0, resetMs: 12_001 },
    { rule: day, remaining: 900, resetMs: 80_000_000 },
  ]
  expect(toHeaders({ refusedBy: undefined, standings })).toEqual({
    'ratelimit-policy': '"minute";q=100;w=60, "day";q=1000;w=86400',
    ratelimit: '"minute";r=0;t=13, "day";r=900;t=80000',
  })
  expect(toHeaders({ refusedBy: standings[0], standings })).toHaveProperty('retry-after', '13')
})
