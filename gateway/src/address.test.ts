import { expect, test } from '@jest/globals'
import type { IncomingMessage } from 'node:http'
import { createSourceFinder, parseTrust } from './address.js'

const sourceOf = (trust: string, peer: string, headers: Record<string, string> = {}) => {
  const parsed = parseTrust(trust)
  if (!parsed) throw new Error(`${trust} is nothing to trust`)
  const request = { socket: { remoteAddress: peer }, headers: { host: 'api.example', ...headers } }
  return createSourceFinder(parsed)(request as unknown as IncomingMessage)
}
const chain = { 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.0.0.2' }

test('without a trusted proxy the connection alone counts, whatever a client says', () => {
  const lies = { ...chain, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' }
  expect(sourceOf('0', '198.51.100.1', lies)).toEqual({
    address: '198.51.100.1',
    protocol: 'http',
    host: 'api.example',
  })
})

test.each([
  ['1', '10.0.0.2'],
  ['2', '203.0.113.7'],
  ['3', '6.6.6.6'],
  ['9', '6.6.6.6'],
  ['10.0.0.0/8', '203.0.113.7'],
  ['10.0.0.0/8, 203.0.113.7', '6.6.6.6'],
  ['192.168.0.0/16', '10.0.0.1'],
])('when %s is trusted, the client is %s', (trust, address) => {
  expect(sourceOf(trust, '10.0.0.1', chain).address).toBe(address)
})

test('what is no address ends the chain, and so does its beginning', () => {
  expect(sourceOf('9', '10.0.0.1', { 'x-forwarded-for': 'unknown, 10.0.0.2' }).address).toBe('10.0.0.2')
  expect(sourceOf('9', '10.0.0.1').address).toBe('10.0.0.1')
})

test('an IPv4 address in IPv6 clothes is the IPv4 address', () => {
  expect(sourceOf('0', '::ffff:10.0.0.1').address).toBe('10.0.0.1')
  expect(sourceOf('10.0.0.0/8', '::ffff:10.0.0.1', { 'x-forwarded-for': '2001:db8::1' }).address).toBe('2001:db8::1')
  expect(sourceOf('fd00::/8', 'fd12::1', { 'x-forwarded-for': '203.0.113.7' }).address).toBe('203.0.113.7')
})

test('of a trusted proxy the last word on protocol and host counts', () => {
  const said = { 'x-forwarded-proto': 'http, https', 'x-forwarded-host': 'evil.example, shop.example' }
  expect(sourceOf('1', '10.0.0.1', said)).toMatchObject({ protocol: 'https', host: 'shop.example' })
})

test.each(['yes', '-1', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/8', '::/129', '10.0.0.0/x', ''])(
  '%j is nothing to trust',
  (text) => {
    expect(parseTrust(text)).toBeUndefined()
  },
)
