import { createHmac } from 'node:crypto'
import { takeRandom } from '@countinghouse/shared/random'

export const newSecret = (): string => `whsec_${takeRandom(32).toString('base64url')}`

/** `t=<seconds>,v1=<hex>`: each secret signs the time and the body, so that neither is changed nor sent again much later. */
export const signatureOf = (secrets: readonly string[], body: string, at: Date): string => {
  const seconds = Math.floor(at.getTime() / 1_000).toString()
  const sign = (secret: string) => createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return [`t=${seconds}`, ...secrets.map((secret) => `v1=${sign(secret)}`)].join(',')
}
