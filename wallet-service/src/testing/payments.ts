import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { freePort, startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { walletService } from '../app.js'
import type { Settings } from '../config.js'
import { payments } from '../payments/store.js'
import { openSandbox, type Sandbox } from '../sandbox/open.js'
import { clientOf, userClient } from './client.js'

export const WEBHOOK_SECRET = 'whsec_of_the_tests_sandbox'

/** The way to the provider: open, closed, or one on which answers get lost. */
export type Way = 'open' | 'closed' | 'one-way'

export type PaymentHouse = {
  service: TestService
  sandbox: Sandbox
  /** Changes the way for the calls whose method and path fit. */
  obstruct(way: Way, calls?: RegExp): void
  /** How many calls were obstructed so far. */
  hindered(): number
  admin: ReturnType<typeof clientOf>
  shop: ReturnType<typeof clientOf>
  customer(userId: string): ReturnType<typeof clientOf>
  close(): Promise<void>
}

/** wallet-service with the sandbox behind a way that can be made bad; told of nothing, it hears no webhook. */
export const openPaymentHouse = async ({
  isTold = true,
  ...settings
}: Partial<Settings> & { isTold?: boolean } = {}): Promise<PaymentHouse> => {
  const [PORT, sandboxPort, wayPort] = [await freePort(), await freePort(), await freePort()]
  const way = await openWay(wayPort, sandboxPort)
  const sandbox = await openSandbox({
    ...{ host: '127.0.0.1', port: sandboxPort, delayMs: 30, webhookSecret: WEBHOOK_SECRET },
    webhookUrl: `http://127.0.0.1:${(isTold ? PORT : await freePort()).toString()}/webhooks/stripe`,
  })
  const service = await startTestService(walletService, {
    ...{ PORT, STRIPE_API_KEY: 'sk_test_sandbox', STRIPE_API_URL: `http://127.0.0.1:${wayPort.toString()}` },
    STRIPE_WEBHOOK_SECRETS: ['whsec_that_will_be_the_next', WEBHOOK_SECRET],
    ...settings,
  })
  return {
    ...{ service, sandbox, obstruct: way.obstruct, hindered: way.hindered },
    admin: userClient(service, 'admin'),
    shop: clientOf(service, service.tokens.serviceToken('inventory-service')),
    customer: (userId) => userClient(service, 'customer', userId),
    close: async () => {
      await service.close()
      await way.close()
      await sandbox.close()
    },
  }
}

const openWay = async (port: number, to: number) => {
  let [mode, calls, hindered]: [Way, RegExp, number] = ['open', /./, 0]
  const server = createServer((request, response) => {
    const isObstructed = mode !== 'open' && calls.test(`${request.method ?? ''} ${request.url ?? ''}`)
    if (isObstructed) hindered += 1
    if (isObstructed && mode === 'closed') return void request.socket.destroy()
    pass(request, response, { to, isAnswered: !isObstructed })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    hindered: () => hindered,
    obstruct: (way: Way, which = /./) => {
      mode = way
      calls = which
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

const pass = (
  request: IncomingMessage,
  response: ServerResponse,
  { to, isAnswered }: { to: number; isAnswered: boolean },
) => {
  const { method, url: path, headers } = request
  const onward = forward({ host: '127.0.0.1', port: to, method, path, headers }, (answer) => {
    if (!isAnswered) return void answer.resume().on('end', () => request.socket.destroy())
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  request.pipe(onward)
}

/** Lets the house look at a payment at once. */
export const hurry = ({ service: { db } }: PaymentHouse, paymentId: string) =>
  inTransaction(db, (tx) =>
    tx.update(payments, { _id: paymentId }, { $set: { lookAt: new Date(0) }, $inc: { version: 1 } }),
  )
