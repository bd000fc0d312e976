import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { root } from './files.js'
import { commandLineOf } from './identity.js'
import { waitFor } from './wait.js'

/** Lets a launcher of its own start a child and die at once; answers the child's process number. */
const orphan = (options: { seconds: string; stopGroup: boolean }): Promise<number> => {
  const launcher = `
    import { startChild } from '${join(root, 'scripts/dist/kit/child.js')}'
    const child = await startChild({
      command: 'sleep', parameters: ['${options.seconds}'], marker: '${options.seconds}', stopGroup: ${options.stopGroup},
      environment: process.env, directory: '/', stdio: 'ignore', orphanSeconds: 0,
    })
    process.stdout.write(String(child.pid), () => process.kill(process.pid, 'SIGKILL'))`
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', launcher], (_, stdout) => resolve(Number(stdout)))
  })
}

test.each([
  { seconds: '4322', stopGroup: false },
  { seconds: '4323', stopGroup: true },
])('a child ends soon after a launcher that was killed ($stopGroup)', async (options) => {
  const pid = await orphan(options)
  expect(pid).toBeGreaterThan(1)
  await waitFor('the orphan did not end', async () => expect(commandLineOf(pid)).toBe(''), { timeoutMs: 10_000 })
})
