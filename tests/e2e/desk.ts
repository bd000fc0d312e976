import { expect, test } from '@jest/globals'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { runCommand } from '@countinghouse/scripts/kit/command'
import { userRegistered } from '@countinghouse/shared/contracts/auth'
import { EVENTS_EXCHANGE } from '@countinghouse/shared/messaging/topology'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { connect } from 'amqplib'
import { pathOf } from '../ops/house.js'
import type { TestSystem } from './system.js'

type Row = Record<string, unknown>

/** What an operator does at the desk, by the command alone. */
export const desk = (system: () => TestSystem): void => {
  const ops = async (...parameters: string[]): Promise<Row[]> => {
    const environment = { ...process.env, OPS_URL: system().gatewayUrl }
    const script = [pathOf('scripts/dist/ops.js'), 'ops', ...parameters, '--json']
    const { ok, output } = await runCommand(process.execPath, script, { environment })
    if (!ok) throw new Error(output)
    return JSON.parse(output) as Row[]
  }

  const letter = (times: number) =>
    eventually(async () => {
      const [found] = await ops('dead-letters', '--service', 'wallet')
      expect(found).toMatchObject({ queue: 'wallet.user-events', status: 'waiting', times })
      return String(found?.['id'])
    }, 30_000)

  test('an operator sees a dead letter, hands it back and puts it away at last; the audit log has both, and who it was', async () => {
    await publishGarbage(system().rabbitmqUrl)
    const id = await letter(1)
    expect(await ops('redrive', id, '--note', 'mended')).toMatchObject([{ status: 'redriven', note: 'mended' }])
    await letter(2)
    expect(await ops('discard', id, '--note', 'not ours')).toMatchObject([{ status: 'discarded', note: 'not ours' }])
    expect(await ops('dead-letters', '--service', 'wallet')).toEqual([])
    await expect(ops('discard', id)).rejects.toThrow('dead_letter_settled')
    const token = await system().adminToken()
    await eventually(async () => {
      const entries = expectAnswer(await system().client.get('/audit', { token, query: { entity: id } }), 200)
      // Whoever looked at it is there as well.
      expect(entries.filter(({ entity_kind }) => entity_kind === 'ops')).toMatchObject(
        [
          { status: 'discarded', note: 'not ours' },
          { status: 'redriven', note: 'mended' },
        ].map((after) => ({
          ...{ action: 'ops.dead-letter-settled', actor: expect.stringMatching(/^user:/), after },
        })),
      )
    }, 30_000)
  })

  test('an operator sees how every service stands, and that nothing is stuck', async () => {
    const services = (await ops('status')).map(({ service }) => service)
    expect(services).toEqual(['auth', 'wallet', 'loan', 'inventory', 'reporting'].map((name) => `${name}-service`))
    expect(await ops('stuck')).toEqual([])
  })
}

const publishGarbage = async (rabbitmqUrl: string): Promise<void> => {
  const connection = await connect(rabbitmqUrl)
  const channel = await connection.createConfirmChannel()
  channel.publish(EVENTS_EXCHANGE, userRegistered.routingKey, Buffer.from('garbage'))
  await channel.waitForConfirms()
  await connection.close()
}
