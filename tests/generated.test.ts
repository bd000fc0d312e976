import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { generateFiles } from '@countinghouse/scripts/generate/files'

const root = new URL('../', import.meta.url)

test('what is generated from the code is as the code says: otherwise run "npm run generate" and look at what changed', async () => {
  const files = Object.entries(await generateFiles())
  const stale = files.filter(([path, text]) => {
    const place = new URL(path, root)
    return !existsSync(place) || readFileSync(place, 'utf8') !== text
  })
  expect(stale.map(([path]) => path)).toEqual([])
})
