import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { Agent, request } from 'undici'

/** An address that a call must not go to: one within our own networks, or none that can be called. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

type Address = { address: string; family: number }
export type Resolve = (hostname: string) => Promise<readonly Address[]>

export type OutsideOptions = {
  /** For development: plain HTTP, and addresses on this machine. */
  allowLoopback: boolean
  resolve?: Resolve
}

export type OutsideCall = { url: string; headers: Record<string, string>; body: string; timeoutMs: number }
export type OutsideAnswer = { status: number; text: string }

/** Calls addresses that others name, and nothing that only we can reach. */
export interface OutsideClient {
  /** Throws an `AddressRefused` when this address must not be called, as it resolves now. */
  check(url: string): Promise<void>
  /** Posts to the address that was checked and to no other; a redirect is an answer like any other. */
  post(call: OutsideCall): Promise<OutsideAnswer>
}

const ANSWER_BYTES_MAX = 2_048

export const createOutsideClient = ({ allowLoopback, resolve = resolveAll }: OutsideOptions): OutsideClient => {
  const pin = async (text: string): Promise<Address> => {
    const url = parse(text, allowLoopback)
    const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const addresses = isIP(hostname) ? [{ address: hostname, family: isIP(hostname) }] : await resolve(hostname)
    const [first] = addresses
    if (!first) throw new AddressRefused(`${hostname} has no address`)
    // One bad address is enough: which of them is called would be chance.
    for (const { address } of addresses)
      if (isOurs(address) && !(allowLoopback && loopback.check(address, familyOf(address))))
        throw new AddressRefused(`${hostname} is at ${address}, which is not on the public internet`)
    return first
  }
  return {
    check: async (url) => void (await pin(url)),
    post: async ({ url, headers, body, timeoutMs }) => {
      const { address, family } = await pin(url)
      const agent = new Agent({
        connect: { timeout: timeoutMs, lookup: (_host, _options, found) => found(null, [{ address, family }]) },
      })
      try {
        const signal = AbortSignal.timeout(timeoutMs)
        const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal })
        return { status: answer.statusCode, text: await beginningOf(answer.body) }
      } finally {
        agent.destroy().catch(() => undefined)
      }
    },
  }
}

const resolveAll: Resolve = (hostname) =>
  lookup(hostname, { all: true }).catch(() => {
    throw new AddressRefused(`${hostname} has no address`)
  })

const parse = (text: string, allowPlain: boolean): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['https:', ...(allowPlain ? ['http:'] : [])].includes(url.protocol))
    throw new AddressRefused('The address must begin with https://')
  if (url.username !== '' || url.password !== '') throw new AddressRefused('The address must not carry a password')
  return url
}

const beginningOf = async (body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= ANSWER_BYTES_MAX) break
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString('utf8')
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6')

const listOf = (ranges: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits = ''] = range.split('/')
    list.addSubnet(network, Number(bits), familyOf(network))
  }
  return list
}

const loopback = listOf(['127.0.0.0/8', '::1/128'])

// What IANA keeps for other uses than the public internet (RFC 6890), and what leads on into IPv4. A mapped IPv4 address
// is judged as the one that it maps.
const ours = listOf([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
  ...['::/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
  ...['5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
])

const isOurs = (address: string): boolean => isIP(address) === 0 || ours.check(address, familyOf(address))
