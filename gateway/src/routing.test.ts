import { describe, expect, test } from '@jest/globals'
import { canonicalUrl } from '@countinghouse/shared/http/path'
import { destinationOf, SERVICES } from './routing.js'

const ownerOf = (url: string) => destinationOf(canonicalUrl(url))?.owner

describe('each path has one owner', () => {
  test.each([
    ['auth-service', '/auth/login /users /users/u1 /me /api-keys/k1 /.well-known/jwks.json'],
    ['wallet-service', '/wallet /wallets/w1/balance /transfers/batch /ledger/verify /webhooks/stripe /account-sync/j1'],
    ['wallet-service', '/users/user123/accounts /users/user123/accounts/a1/sync /users/user123/accounts?type=savings'],
    ['loan-service', '/customers /loans/l1/repayments /loans/emi?principal=1 /loan-products'],
    [
      'inventory-service',
      '/items /stocks/i1/history /sales/SO-251223-0026 /availability?item_id=x /orders /cart/items/1',
    ],
    ['reporting-service', '/reports/loans/delinquency /audit?actor=x'],
    ['gateway', '/ /healthz /readyz /openapi.json /swagger /docs /docs/swagger-ui.css'],
  ])('%s owns %s', (owner, urls) => {
    for (const url of urls.split(' ')) expect([url, ownerOf(url)]).toEqual([url, owner])
  })

  test('no service is left without a path', () => {
    const reached = new Set(['/me', '/wallet', '/loans', '/items', '/reports'].map(ownerOf))
    expect(reached).toEqual(new Set(SERVICES))
  })
})

test('every alias of a path is the same path', () => {
  for (const alias of ['/loans/l1', '/loans/l1/', '/api/loans/l1', '/api/v1/loans/l1', '/api/v1/loans/l1//']) {
    expect(canonicalUrl(alias)).toBe('/loans/l1')
  }
  expect(canonicalUrl('/api/v1/loans/?page=2&next=/x/')).toBe('/loans?page=2&next=/x/')
  expect(canonicalUrl('/api/v1')).toBe('/')
  expect(canonicalUrl('/apiary')).toBe('/apiary')
})

test.each([
  '/metrics',
  '/api/v1/metrics',
  '/loan',
  '/loansharks',
  '//loans',
  '/.well-known/openid-configuration',
  '/constructor',
  '/__proto__',
  '/hasOwnProperty',
  '/Loans',
  'http://elsewhere.example/loans',
  '*',
])('nobody owns %s', (url) => {
  expect(ownerOf(url)).toBeUndefined()
})

test('the accounts below a user are not all that begins with accounts', () => {
  expect(ownerOf('/users/u1/accountsettings')).toBe('auth-service')
  expect(ownerOf('/users/accounts')).toBe('auth-service')
  expect(ownerOf('/users/a/b/accounts')).toBe('auth-service')
})

test('a job and a file are answered by the service that their names begin with', () => {
  expect(ownerOf('/jobs/inventory.0199')).toBe('inventory-service')
  expect(ownerOf('/jobs/loan.0199/cancel')).toBe('loan-service')
  expect(ownerOf('/jobs/{id}')).toBe('wallet-service')
  expect(ownerOf('/files/loan/documents/d1.pdf?signature=x')).toBe('loan-service')
  expect(destinationOf('/files/loan/d1.pdf')?.isPublic).toBe(true)
  expect(destinationOf('/jobs/loan.0199')?.isPublic).toBeUndefined()
  for (const url of ['/jobs', '/files', '/files/loan', '/files/loan/', '/files/loans/x', '/files/gateway/x'])
    expect([url, ownerOf(url)]).toEqual([url, undefined])
})

test('the route in logs and metrics never holds an id', () => {
  for (const url of [
    '/users/u1/accounts/a1',
    '/jobs/loan.1',
    '/files/loan/d1',
    '/loans/l1/repayments',
    '/users/u1',
    '/docs/x',
  ])
    expect(destinationOf(url)?.route).not.toMatch(/[a-z]1|x$/)
})

test('guests look at the shop and fill a cart as users do; whoever changes the shop shows a token', () => {
  const knowsGuests = (method: string, url: string) => destinationOf(url, method)?.knowsGuests ?? false
  for (const url of [
    '/products',
    '/products?search=x',
    '/products/lamp/reviews',
    '/categories/3',
    '/product-images/i/small',
  ])
    expect([url, knowsGuests('GET', url)]).toEqual([url, true])
  expect(knowsGuests('PATCH', '/carts/t/items/1')).toBe(true)
  expect(knowsGuests('POST', '/webhooks/stripe')).toBe(true)
  for (const [method, url] of [
    ['POST', '/products'],
    ['DELETE', '/categories/3'],
    ['GET', '/products/analytics'],
    ['GET', '/cart'],
    ['GET', '/webhooks/stripe'],
    ['GET', '/productsale'],
  ] as const)
    // prettier-ignore
    expect([method, url, knowsGuests(method, url)]).toEqual([method, url, false])
})
