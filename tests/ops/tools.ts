import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheDir, findProgram } from '@countinghouse/scripts/kit/files'

/** Makes a folder or file of the cache once, as a whole; undefined where it cannot be made. */
const kept = (name: string, make: (draft: string) => string | undefined): string | undefined => {
  const place = join(cacheDir, name)
  if (existsSync(place)) return place
  mkdirSync(dirname(place), { recursive: true })
  const draft = mkdtempSync(join(cacheDir, 'draft-'))
  try {
    const made = make(draft)
    if (made === undefined || !existsSync(made)) return undefined
    if (!existsSync(place)) renameSync(made, place)
    return place
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

const MAKING_MS = 120_000

/** A program out of its Go module, where Go is. */
const goProgram = (name: string, pinned: string): string | undefined => {
  const go = findProgram('go')
  if (!go) return undefined
  return kept(`${name}-${pinned.split('@')[1] ?? ''}`, (draft) => {
    const env = { ...process.env, GOBIN: draft, GOFLAGS: '-mod=mod' }
    spawnSync(go, ['install', pinned], { cwd: draft, env, timeout: MAKING_MS })
    return readdirSync(draft)
      .map((file) => join(draft, file))
      .at(0)
  })
}

/** What builds overlays: kubectl has kustomize in it. */
export const findKustomize = (): string[] | undefined => {
  const kubectl = findProgram('kubectl')
  if (kubectl) return [kubectl, 'kustomize']
  const own = findProgram('kustomize') ?? goProgram('kustomize', 'sigs.k8s.io/kustomize/kustomize/v5@v5.5.0')
  return own === undefined ? undefined : [own, 'build']
}

/** The parser of compose itself. */
export const findComposeParser = (): string | undefined =>
  goProgram('compose-go', 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2')

/** Stripe’s own stand-in, which refuses what is not in the shape that Stripe takes. */
export const findStripeMock = (): string | undefined =>
  goProgram('stripe-mock', 'github.com/stripe/stripe-mock@v0.203.0')

const VALIDATOR = 'kubernetes-validate==1.37.0'
const KUBERNETES = 'v1.34.0-local-strict'

/** A folder of Python packages that hold the schemas of Kubernetes and a validator for them. */
export const findKubernetesSchemas = (): string | undefined => {
  const python = findProgram('python3')
  if (!python) return undefined
  return kept('kubernetes-validate-1.37.0', (draft) => {
    const folder = join(draft, 'packages')
    const pip = 'pip install --quiet --no-input --disable-pip-version-check --only-binary :all: --target'
    const parameters = ['-m', ...pip.split(' '), folder, VALIDATOR]
    if (spawnSync(python, parameters, { timeout: MAKING_MS }).status !== 0) return undefined
    const schemas = join(folder, 'kubernetes_validate/kubernetes-json-schema')
    for (const version of readdirSync(schemas))
      if (version !== KUBERNETES) rmSync(join(schemas, version), { recursive: true })
    return folder
  })
}

export type Judgement = { problems: string[]; unknown: string[] }

const script = `
import json, sys
sys.path.insert(0, sys.argv[1])
import kubernetes_validate
problems, unknown = [], []
for one in json.load(sys.stdin):
    name = one['kind'] + ' ' + one['metadata']['name']
    try:
        kubernetes_validate.validate(one, '1.34', strict=True)
    except kubernetes_validate.SchemaNotFoundError:
        unknown.append(one['kind'])
    except kubernetes_validate.ValidationError as error:
        problems.append(name + ': ' + '.'.join(map(str, error.path)) + ': ' + error.message)
print(json.dumps({'problems': problems, 'unknown': sorted(set(unknown))}))
`

/** What is wrong with resources by the schemas of Kubernetes, no unknown field allowed, and the kinds that are not its own. */
export const judge = (schemas: string, resources: readonly object[]): Judgement => {
  const input = JSON.stringify(resources)
  const { stdout, stderr } = spawnSync('python3', ['-c', script, schemas], { input, encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Judgement
}
