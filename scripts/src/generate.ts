import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generateFiles } from './generate/files.js'
import { explain } from './kit/failure.js'
import { root } from './kit/files.js'

/** Writes what is made from the code: the documents of the API and its events, the client's types, the pages of the manual. */
const generate = async (): Promise<void> => {
  for (const [path, text] of Object.entries(await generateFiles())) {
    const place = join(root, path)
    const isNew = !existsSync(place) || readFileSync(place, 'utf8') !== text
    mkdirSync(dirname(place), { recursive: true })
    if (isNew) writeFileSync(place, text)
    console.log(`${isNew ? 'written' : 'as it was'}: ${path}`)
  }
}

try {
  await generate()
  process.exitCode = 0
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}
// Pools that were made and never used would keep the process.
process.exit()
