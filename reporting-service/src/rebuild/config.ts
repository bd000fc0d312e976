import { existsSync, readFileSync } from 'node:fs'
import { parseSettings, serviceSettings } from '@countinghouse/shared/config'

// Where `npm start` tells other programs of this checkout what it runs on.
const RUNNING = '.data/running.json'

/** From the environment, else from the running system. */
export const readRebuildSettings = () => {
  const { MONGODB_URI, MONGODB_DATABASE, RABBITMQ_URL, BUSINESS_TIMEZONE } = serviceSettings
  const running = existsSync(RUNNING) ? (JSON.parse(readFileSync(RUNNING, 'utf8')) as Record<string, string>) : {}
  const found = {
    MONGODB_URI: running['mongodbUri'],
    RABBITMQ_URL: running['rabbitmqUrl'],
    MONGODB_DATABASE: 'countinghouse_reporting',
  }
  return parseSettings({ MONGODB_URI, MONGODB_DATABASE, RABBITMQ_URL, BUSINESS_TIMEZONE }, { ...found, ...process.env })
}
