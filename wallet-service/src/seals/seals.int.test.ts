import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { native } from '@countinghouse/shared/mongo/transaction'
import { freshDatabase } from '@countinghouse/shared/testing/database'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import request from 'supertest'
import { walletService } from '../app.js'
import { GENESIS, nextBlock } from '../ledger/block.js'
import { leafHash, merkleRoot } from '../ledger/merkle.js'
import { blocks, entries } from '../ledger/store.js'
import { fundedWallet, userClient } from '../testing/client.js'
import { prove, proveGrowth, seal } from './commands.js'
import { createSigner } from './note.js'
import { seals, stretches } from './store.js'
import { STRETCH } from './tree.js'
import { toGrowthView, toProofView } from './views.js'

const verifier = fileURLToPath(new URL('../../tools/verify-proof.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ledger-proof-'))
let service: TestService
let entryId: string
beforeAll(async () => {
  service = await startTestService(walletService)
  const ann = await fundedWallet(service, uuidv7(), 10)
  const admin = userClient(service, 'admin')
  const pay = { from_wallet_id: ann, to_wallet_id: await fundedWallet(service, uuidv7()), amount: 1 }
  const batch = await admin.send('post', '/transfers/batch', { atomic: true, transfers: [pay, pay, pay] })
  entryId = (batch.body as { results: { id: string }[] }).results[1]?.id ?? ''
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await service.close()
})

const read = async (path: string) => {
  const { status, body } = await request(service.url).get(path)
  return { status, body: body as Record<string, string> }
}
type Proof = { entry: string; verifier_key: string; checkpoint: string; block: object; block_path: string[] }
const proofOf = async (id: string) => {
  const { status, body } = await userClient(service, 'admin').get(`/ledger/entries/${id}/proof`)
  return { status, body: body as Proof }
}
const check = (proof: object, ...key: string[]): Promise<{ code: number; output: string }> => {
  const file = join(folder, uuidv7())
  writeFileSync(file, JSON.stringify(proof))
  return new Promise((resolve) => {
    execFile(process.execPath, [verifier, file, ...key], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
    })
  })
}

test('an entry is proven to be under a signed checkpoint, which anyone may read and note', async () => {
  expect(await read('/ledger/checkpoints/latest')).toMatchObject({
    status: 404,
    body: { code: 'checkpoint_not_found' },
  })
  const { status, body } = await proofOf(entryId)
  expect(status).toBe(200)
  expect(body.entry).toContain(`"_id":"${entryId}"`)
  const latest = await read('/ledger/checkpoints/latest')
  expect(latest.body).toMatchObject({ size: 2, note: body.checkpoint, verifier_key: body.verifier_key })
  const keys = await read('/ledger/checkpoints/keys')
  expect(keys.body).toEqual({ keys: [{ verifier_key: body.verifier_key, since: latest.body['signed_at'] }] })
  const { code, output } = await check(body, body.verifier_key)
  expect(output).toContain('is in block 2, under the checkpoint at 2 blocks')
  expect(code).toBe(0)
})

test('a proof in which anything was changed, or that another key signed, proves nothing', async () => {
  const { body } = await proofOf(entryId)
  const other = createSigner('the secret of somebody else')
  const changed: [object, RegExp][] = [
    [{ entry: body.entry.replace('100n', '900n') }, /not in its block/],
    [{ block: { ...body.block, committedAt: '2020-01-01T00:00:00.000Z' } }, /not what its hash was made of/],
    [{ block_path: [] }, /shorter than its tree/],
    [{ block_path: [...body.block_path, ...body.block_path] }, /longer than its tree/],
    [
      { block_path: body.block_path.map((one) => one.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))) },
      /not under/,
    ],
    [{ checkpoint: body.checkpoint.replace('\n2\n', '\n3\n') }, /signature of the checkpoint is wrong/],
  ]
  const found = await Promise.all(changed.map(async ([change]) => check({ ...body, ...change })))
  for (const [index, { code, output }] of found.entries()) expect([output, code]).toEqual([expect.stringMatching(changed[index]?.[1] ?? ''), 1]) // prettier-ignore
  const forged = { ...body, checkpoint: other.sign({ size: 2, root: Buffer.alloc(32) }) }
  expect(await check(forged, body.verifier_key)).toMatchObject({ code: 1 })
  expect(await check(body, other.verifierKey)).toMatchObject({ code: 1 })
})

test('only an admin reads proofs, and of entries that are there', async () => {
  expect((await userClient(service, 'staff').get(`/ledger/entries/${entryId}/proof`)).status).toBe(403)
  expect(await proofOf('nothing')).toMatchObject({ status: 404, body: { code: 'entry_not_found' } })
})

test('of thousands of blocks the complete stretches are kept, and every block is proven against any later checkpoint', async () => {
  const { db, close } = await freshDatabase(blocks, entries, seals, stretches)
  const deps = { db, now: () => new Date(), signer: createSigner('a secret') }
  const size = 2 * STRETCH + 5
  const chain: ReturnType<typeof nextBlock>[] = []
  for (let height = 1; height <= size; height++) {
    const id = height.toString().padStart(6, '0')
    const entry = { _id: id, key: null, kind: 'test', reference: null, postings: [], reservations: [], actor: 'user:test', description: null, postedAt: new Date(0) } // prettier-ignore
    chain.push(nextBlock(chain.at(-1)?.block ?? GENESIS, [entry], new Date(0)))
  }
  const insert = async (part: typeof chain) => {
    await native(db, blocks).insertMany(part.map(({ block }) => block))
    await native(db, entries).insertMany(part.flatMap(({ chained }) => chained))
  }
  await insert(chain.slice(0, STRETCH + 7))
  expect(await seal(deps)).toMatchObject({ size: STRETCH + 7 })
  await insert(chain.slice(STRETCH + 7))
  const early = await prove(deps, '000003')
  const made = await seal(deps)
  const whole = merkleRoot(chain.map(({ block }) => leafHash(block.hash))).toString('hex')
  expect(made).toMatchObject({ size, root: whole })
  expect(await native(db, stretches).countDocuments()).toBe(2)
  expect(early.seal.size).toBe(STRETCH + 7)
  const heights = [1, 2 * STRETCH, 2 * STRETCH + 1, size]
  const proofs = await Promise.all(heights.map((height) => prove(deps, height.toString().padStart(6, '0'))))
  for (const { blockPath, block } of proofs)
    expect([block.height, blockPath.length <= 12]).toEqual([block.height, true])
  const verified = await Promise.all([...proofs, early].map((proof) => check(toProofView(proof))))
  expect(verified.map(({ code }) => code)).toEqual(verified.map(() => 0))
  const growth = toGrowthView(await proveGrowth(deps, STRETCH + 7))
  const other = createSigner('a secret').sign({ size: STRETCH + 7, root: Buffer.alloc(32) })
  const grown = [
    growth,
    { ...growth, from: other },
    { ...growth, path: growth.path.slice(1) },
    { ...growth, to: growth.from },
  ]
  expect((await Promise.all(grown.map((one) => check(one)))).map(({ code }) => code)).toEqual([0, 1, 1, 1])
  await native(db, blocks).updateOne({ height: size - 1 }, { $set: { hash: 'changed' } })
  await expect(prove(deps, '000003')).rejects.toThrow('not the one that was signed')
  await close()
})

test('the verifier of proofs stands alone, and can be read in one sitting', () => {
  const source = readFileSync(verifier, 'utf8')
  expect(source.match(/from '(?!node:)/g)).toBeNull()
  expect(source.split('\n').length).toBeLessThanOrEqual(140)
})
