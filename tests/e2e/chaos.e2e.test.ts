import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { fewFaults } from '@countinghouse/scripts/chaos/faults'
import { complaintsOf } from '@countinghouse/scripts/chaos/report'
import { runChaos } from '@countinghouse/scripts/chaos/run'
import { startPrivateSystem, type PrivateSystem } from '@countinghouse/scripts/chaos/system'

let system: PrivateSystem
beforeAll(async () => {
  system = await startPrivateSystem({ folder: await mkdtemp(join(tmpdir(), 'chaos-')), say: () => undefined })
})
afterAll(() => system.close())

test('every process is killed under load: nothing acknowledged is lost, nothing happens twice, all recovers', async () => {
  const said: string[] = []
  const plan = {
    seed: 7,
    clients: 6,
    faults: fewFaults,
    rounds: 1,
    calmMs: 200,
    say: (line: string) => said.push(line),
  }
  const outcome = await runChaos(system, plan)
  expect(complaintsOf(outcome)).toEqual([])
  for (const kind of ['registration', 'credit', 'application', 'approval', 'purchase', 'sale', 'paid order'])
    expect(outcome.tallies.find((tally) => tally.kind === kind)?.acknowledged).toBeGreaterThan(0)
  expect(said).toHaveLength(fewFaults.length)
})
