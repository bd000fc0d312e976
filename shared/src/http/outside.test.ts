import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { AddressRefused, createOutsideClient, type Resolve } from './outside.js'

const at = (...addresses: string[]): Resolve => () => Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))) // prettier-ignore
const judged = (url: string, options: { resolve?: Resolve; allowLoopback?: boolean } = {}) =>
  createOutsideClient({ allowLoopback: false, ...options }).check(url)

test.each([
  'https://127.0.0.1/', 'https://2130706433/', 'https://0x7f.1/', 'https://0177.0.0.1/', 'https://10.1.2.3/',
  'https://172.31.0.1/', 'https://192.168.1.1/', 'https://169.254.169.254/latest/meta-data', 'https://100.64.0.1/',
  'https://0.0.0.0/', 'https://[::1]/', 'https://[::]/', 'https://[fd00::1]/', 'https://[fe80::1]/',
  'https://[::ffff:127.0.0.1]/', 'https://[::ffff:a00:1]/', 'https://[64:ff9b::a00:1]/', 'https://[2002:7f00:1::]/',
  'http://93.184.216.34/', 'ftp://93.184.216.34/', 'https://user:password@93.184.216.34/', 'nowhere', 'https://',
])('%s is not called', async (url) => {
  await expect(judged(url)).rejects.toThrow(AddressRefused)
}) // prettier-ignore

test('a name is judged by every address that it has', async () => {
  await expect(judged('https://hooks.example/', { resolve: at('93.184.216.34', '10.0.0.1') })).rejects.toThrow(
    '10.0.0.1',
  )
  await expect(judged('https://hooks.example/', { resolve: at() })).rejects.toThrow('no address')
  await judged('https://hooks.example/', { resolve: at('93.184.216.34', '2606:2800:220:1::1') })
})

test('for development this machine may be called, and still no other of ours', async () => {
  await judged('http://127.0.0.1:1/', { allowLoopback: true })
  await expect(judged('http://10.0.0.1/', { allowLoopback: true })).rejects.toThrow(AddressRefused)
  await expect(judged('http://169.254.169.254/', { allowLoopback: true })).rejects.toThrow(AddressRefused)
})

test('the call goes to the address that was checked, whatever the name means a moment later; no redirect is followed', async () => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.headers.host ?? ''} ${request.url ?? ''}`)
    response.writeHead(302, { location: '/secret' }).end('x'.repeat(10_000))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  let asked = 0
  const resolve: Resolve = (hostname) => at((asked += 1) === 1 ? '127.0.0.1' : '10.0.0.1')(hostname)
  const client = createOutsideClient({ allowLoopback: true, resolve })
  const call = { url: `http://rebinding.example:${port.toString()}/hook`, headers: {}, body: '{}', timeoutMs: 2_000 }
  const answer = await client.post(call)
  expect([answer.status, answer.text.length, asked]).toEqual([302, 2_048, 1])
  expect(seen).toEqual([`rebinding.example:${port.toString()} /hook`])
  await expect(client.post(call)).rejects.toThrow(AddressRefused)
  server.closeAllConnections()
  server.close()
})
