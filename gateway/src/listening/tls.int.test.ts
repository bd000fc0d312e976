import { expect, test } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request as ask } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { openServer } from '@countinghouse/shared/testing/standIn'
import { selfSigned } from '../testing/certificate.js'
import { startTestGateway } from '../testing/gateway.js'

const get = async (port: number, ca: string, path = '/healthz') => {
  const sent = ask({ port, host: '127.0.0.1', path, ca, agent: new Agent() }).end()
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject)
  })
  const { fingerprint256 } = (answer.socket as TLSSocket).getPeerCertificate()
  return { headers: answer.headers, body: await text(answer), fingerprint256 }
}

test('with a certificate the port speaks HTTPS alone, and takes a new one without a stop', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-tls-'))
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const install = async ({ cert, key }: { cert: string; key: string }) => {
    await writeFile(certFile, cert)
    await writeFile(keyFile, key)
  }
  const [first, second] = [selfSigned(), selfSigned()]
  await install(first)
  let forwarded: unknown
  const loans = await openServer((request, response) => {
    forwarded = request.headers['x-forwarded-proto']
    response.setHeader('strict-transport-security', 'max-age=1').end('[]')
  })
  const gateway = await startTestGateway({ LOAN_URL: loans.url, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile })

  const before = await get(gateway.port, first.cert, '/loans')
  expect([before.body, forwarded]).toEqual(['[]', 'https'])
  expect(before.headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
  await expect(fetch(`http://127.0.0.1:${gateway.port}/healthz`)).rejects.toThrow()
  await expect(get(gateway.port, second.cert)).rejects.toThrow()

  await writeFile(certFile, 'not a certificate')
  process.emit('SIGHUP')
  expect(gateway.lines.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining('certificate') })
  expect((await get(gateway.port, first.cert)).fingerprint256).toBe(before.fingerprint256)

  await install(second)
  process.emit('SIGHUP')
  expect((await get(gateway.port, second.cert)).fingerprint256).not.toBe(before.fingerprint256)

  await install(first)
  await eventually(async () => expect((await get(gateway.port, first.cert)).fingerprint256).toBe(before.fingerprint256))
  await Promise.all([gateway.stop(), loans.close()])
  await rm(folder, { recursive: true })
})
