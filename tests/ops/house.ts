import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from '@jest/globals'
import { settingsOf } from '@countinghouse/scripts/generate/house'
import type { ServiceName } from '@countinghouse/scripts/system/names'
import { derivedSecrets, ROOTS, type Place, type Roots } from '@countinghouse/shared/setup/secrets'
import { parseAllDocuments } from 'yaml'
import type { ZodType } from 'zod'

export const serviceNames = Object.keys(settingsOf) as ServiceName[]

const root = new URL('../../', import.meta.url)
export const pathOf = (path: string): string => fileURLToPath(new URL(path, root))
export const textOf = (path: string): string => readFileSync(pathOf(path), 'utf8')

/** The documents of a YAML file, with its merge keys resolved. */
export const yamlOf = <Document>(path: string): Document[] => documentsIn<Document>(textOf(path))
export const documentsIn = <Document>(text: string): Document[] =>
  parseAllDocuments(text, { merge: true }).map((document) => {
    const [error] = document.errors
    if (error) throw error
    return document.toJS() as Document
  })

const BY_A_TOOL_MS = 240_000

/** A test by a tool; where it is not to be had, the name of the test says that nothing was checked. */
export const testBy =
  <Program>(tool: string, program: Program | undefined) =>
  (rule: string, check: (program: Program) => void | Promise<void>): void => {
    if (program === undefined) test(`NOT CHECKED, for want of ${tool}: ${rule}`, () => undefined)
    else test(rule, () => check(program), BY_A_TOOL_MS)
  }

/** What the image itself sets. */
export const imageSettings = Object.fromEntries(
  (/^ENV (.+)$/m.exec(textOf('Dockerfile'))?.[1] ?? '').split(' ').map((pair) => pair.split('=') as [string, string]),
)

const SECRETS = '/run/secrets/'

/** What is wrong with the settings that a deployment gives to a service; files of secrets count as what they hold. */
export const problemsOfSettings = (
  service: ServiceName,
  given: Readonly<Record<string, string>>,
  secrets: ReadonlySet<string>,
): string[] => {
  const shape = settingsOf[service] as Record<string, ZodType>
  const names = Object.keys({ ...imageSettings, ...given }).filter((name) => name !== 'NODE_OPTIONS')
  const settings = new Set(names.map((name) => (name in shape ? name : name.replace(/_FILE$/, ''))))
  const files = Object.entries(given).filter(([name, value]) => !(name in shape) && value.startsWith(SECRETS))
  return [
    ...Object.entries(shape)
      .filter(([name, schema]) => !settings.has(name) && !schema.safeParse(undefined).success)
      .map(([name]) => `${service} is not given ${name}`),
    ...[...settings].filter((name) => !(name in shape)).map((name) => `${service} does not read ${name}`),
    ...files
      .map(([, value]) => `${service}/${value.slice(SECRETS.length)}`)
      .filter((file) => !secrets.has(file))
      .map((file) => `nothing makes the secret ${file}`),
  ]
}

/** The files that `npm run deploy:secrets` writes. */
export const secretFiles = (place: Place): ReadonlySet<string> => {
  const roots = Object.fromEntries(Object.keys(ROOTS).map((name) => [name, 'x'])) as Roots
  return new Set([...Object.keys(ROOTS), ...Object.keys(derivedSecrets(roots, place))])
}

/** Who calls whom: services call where a setting of theirs leads, and the gateway alone leads everywhere. */
export const arrows: readonly string[] = serviceNames.flatMap((service) =>
  serviceNames
    .filter((other) => other !== service && `${other.split('-')[0]?.toUpperCase()}_URL` in settingsOf[service])
    .map((other) => `${service} → ${other}`),
)
