import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePorts } from '../kit/ports.js'
import { assertPortsFree, portsFrom } from './ports.js'

const holders = [createServer(), createServer()]
let ports = portsFrom('4000')

beforeAll(async () => {
  const [first = 0] = await freePorts(1)
  ports = portsFrom(String(first))
  const taken = [ports['wallet-service'].port, ports['loan-service'].metricsPort]
  await Promise.all(
    holders.map((holder, index) => once(holder.listen(taken[index], index === 0 ? '127.0.0.1' : '::'), 'listening')),
  )
})

afterAll(() => holders.forEach((holder) => holder.close()))

test('every taken port is named at once, with its use, and the setting moves them to free ones', async () => {
  const refusal = assertPortsFree(ports)
  await expect(refusal).rejects.toThrow(`${ports['wallet-service'].port} (wallet-service)`)
  await expect(refusal).rejects.toThrow(`${ports['loan-service'].metricsPort} (loan-service, metrics)`)
  await expect(refusal).rejects.toThrow('PORT moves them all')
  const message = await refusal.catch(String)
  await expect(assertPortsFree(portsFrom(/PORT=(\d+)/.exec(message ?? '')?.[1]))).resolves.toBeUndefined()
})
