import { join } from 'node:path'
import { createClient } from '@countinghouse/client'
import { watchEvents } from './demo/events.js'
import { createScreen } from './demo/screen.js'
import { tellStory } from './demo/story.js'
import { tellTopUp } from './demo/topUp.js'
import { Failure, explain } from './kit/failure.js'
import { readJson, startDataDir } from './kit/files.js'
import type { Running } from './start/claim.js'

const screen = createScreen((line) => {
  console.log(line)
})

/** Plays the main flow against the running system, as a person would see it. */
const demo = async (): Promise<void> => {
  const running = readJson<Running>(join(startDataDir, 'running.json'))
  if (!running)
    throw new Failure('The system is not running. Start it with "npm start" in another terminal, then try again.')
  const stopWatching = await watchEvents(running.rabbitmqUrl, screen.event)
  try {
    const story = {
      api: createClient({ baseUrl: running.gatewayUrl, onExchange: screen.exchange }),
      quiet: createClient({ baseUrl: running.gatewayUrl }),
      admin: { email: 'admin@loanapp.com', password: 'admin123' },
      chapter: screen.chapter,
      fact: screen.fact,
    }
    await tellTopUp(story, await tellStory(story))
  } finally {
    await stopWatching()
  }
}

try {
  await demo()
  screen.chapter('All as it should be.')
} catch (error) {
  screen.failure(explain(error))
  process.exitCode = 1
}
