import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'

/** Which of those who hand a request on are believed: that many, or those in these networks. */
export type Trust = { readonly hops: number } | { readonly networks: BlockList }

/** Where a request comes from, as far as it can be believed. */
export type Source = {
  readonly address: string
  readonly protocol: 'http' | 'https'
  readonly host: string | undefined
}

/** Reads `2` or `10.0.0.0/8,::1`; undefined when it is neither. */
export const parseTrust = (text: string): Trust | undefined => {
  if (/^\d{1,2}$/.test(text)) return { hops: Number(text) }
  const networks = new BlockList()
  const areAll = text.split(',').every((part) => addNetwork(networks, part.trim()))
  return areAll ? { networks } : undefined
}

const addNetwork = (networks: BlockList, text: string): boolean => {
  const [address = '', length, ...more] = text.split('/')
  const family = isIP(address)
  const lengthMax = family === 6 ? 128 : 32
  const prefix = length === undefined ? lengthMax : Number(length)
  if (family === 0 || more.length > 0 || !/^\d*$/.test(length ?? '') || prefix > lengthMax) return false
  networks.addSubnet(address, prefix, familyName(family))
  return true
}

/** Finds the source of a request: the connection's, unless trusted proxies name another. */
export const createSourceFinder = (trust: Trust): ((request: IncomingMessage) => Source) => {
  const isTrusted =
    'hops' in trust
      ? (_address: string, distance: number) => distance < trust.hops
      : (address: string) => trust.networks.check(address, familyName(isIP(address)))
  return ({ socket, headers }) => {
    const peer = plain(socket.remoteAddress ?? '')
    const protocol = (socket as TLSSocket).encrypted ? 'https' : 'http'
    if (!isTrusted(peer, 0)) return { address: peer, protocol, host: headers.host }
    return {
      address: clientOf(peer, headers['x-forwarded-for'], isTrusted),
      protocol: lastOf(headers['x-forwarded-proto']) === 'https' ? 'https' : protocol,
      host: lastOf(headers['x-forwarded-host']) ?? headers.host,
    }
  }
}

// Each proxy adds whom it saw at the end; what stands before the first that is not trusted may be invented.
const clientOf = (
  peer: string,
  forwardedFor: string | string[] | undefined,
  isTrusted: (address: string, distance: number) => boolean,
): string => {
  const named = String(forwardedFor ?? '')
    .split(',')
    .map((part) => plain(part.trim()))
  let client = peer
  for (let distance = 0; isTrusted(client, distance); distance += 1) {
    const next = named.pop()
    if (next === undefined || isIP(next) === 0) break
    client = next
  }
  return client
}

const lastOf = (value: string | string[] | undefined): string | undefined =>
  value === undefined ? undefined : String(value).split(',').pop()?.trim()

const familyName = (family: number) => (family === 6 ? 'ipv6' : 'ipv4')

const plain = (address: string): string => (address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address)
