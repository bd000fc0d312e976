import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { derivedSecrets, ROOTS, type Place, type Roots } from './secrets.js'

/** Writes a folder of secrets for each who needs some; what was drawn before stays, what follows from it is made anew. */
export const writeSecrets = (folder: string, place: Place): void => {
  // The folder itself is closed; what is in it may be read by a container's user, who has another number.
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, text: string): string => {
    mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o755 })
    rmSync(join(folder, name), { force: true })
    writeFileSync(join(folder, name), text, { mode: 0o444 })
    return text
  }
  const keep = (name: string, draw: () => string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trim() : write(name, draw())
  const roots = Object.fromEntries(Object.entries(ROOTS).map(([name, draw]) => [name, keep(name, draw)])) as Roots
  for (const [name, text] of Object.entries(derivedSecrets(roots, place))) write(name, text)
}
