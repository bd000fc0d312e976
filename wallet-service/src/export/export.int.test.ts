import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { freshDatabase } from '@countinghouse/shared/testing/database'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { houseAccountId } from '../ledger/chart.js'
import { credit, debit, type EntryDraft } from '../ledger/domain.js'
import { createLedger, type Ledger } from '../ledger/ledger.js'
import { accounts, blocks, entries, insertWallet } from '../ledger/store.js'
import { bookLines } from './book.js'

const verifier = fileURLToPath(new URL('../../tools/verify-export.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ledger-export-'))
let db: Connection
let close: () => Promise<void>
let ledger: Ledger
let wallet: string
let good: string

const bank = houseAccountId('bank', 'USD')
const draft = (postings: EntryDraft['postings'], more: Partial<EntryDraft> = {}): EntryDraft => {
  const entryId = uuidv7()
  const fields = { kind: 'test', reference: { kind: 'test', id: entryId }, actor: 'user:test' }
  return { entryId, key: entryId, ...fields, description: 'a “5n” of 2026-11-21T09:30:00Z \\"', postings, ...more }
}
const payIn = (amountMinor: bigint) => draft([debit(bank, amountMinor), credit(wallet, amountMinor)])

beforeAll(async () => {
  ;({ db, close } = await freshDatabase(accounts, blocks, entries))
  ledger = createLedger({ db, now: () => new Date() })
  wallet = uuidv7()
  await inTransaction(db, (tx) => insertWallet(tx, { id: wallet, ownerId: 'ann', currency: 'USD' }, new Date()))
  for (const count of [1, 2, 3, 7])
    await ledger.submit({ drafts: Array.from({ length: count }, (_, index) => payIn(BigInt(index + 1))) })
  const reservations = [{ accountId: wallet, direction: 'out', amountMinor: 5n }] as const
  await ledger.submit({ drafts: [draft([debit(wallet, 5n), credit(bank, 5n)]), draft([], { reservations })] })
  good = ''
  for await (const line of bookLines(db)) good += line
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await close()
})

const check = (content: string | Buffer): Promise<{ code: number; output: string }> => {
  const file = join(folder, uuidv7())
  writeFileSync(file, content)
  return new Promise((resolve) => {
    execFile(process.execPath, [verifier, file], (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr })
    })
  })
}

test('an export of sound books passes, with totals and the head of the chain', async () => {
  const { code, output } = await check(good)
  expect(output).toContain('USD: 2 accounts, moved 43, balances 33 = 33')
  expect(output).toMatch(/5 blocks, 15 entries, head [0-9a-f]{64}/)
  expect(code).toBe(0)
})

test('an export of empty books passes', async () => {
  const empty = await freshDatabase(accounts, blocks, entries)
  let content = ''
  for await (const line of bookLines(empty.db)) content += line
  await empty.close()
  expect(await check(content)).toMatchObject({ code: 0 })
})

test('one flipped bit anywhere in the file is found', async () => {
  const bytes = Buffer.from(good)
  const stride = Math.floor(bytes.length / 24)
  const flipped = Array.from({ length: 24 }, (_, index) => {
    const copy = Buffer.from(bytes)
    const at = index * stride + 11
    copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
    return copy
  })
  const missed = (await Promise.all(flipped.map(check))).filter(({ code }) => code !== 1)
  expect(missed).toEqual([])
})

test.each<[string, (lines: string[]) => string[], RegExp]>([
  ['a block left out', (lines) => lines.filter((_, index) => index !== 2), /block 3 comes after block 1/],
  ['the last block left out', (lines) => lines.slice(0, -1), /does not end where it should/],
  ['two blocks that changed places', ([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest], /block 2 comes after/],
  ['another file', () => ['{}'], /no export/],
  ['an empty file', () => [], /empty/],
])('%s is found, and said', async (_what, change, sentence) => {
  const { code, output } = await check(change(good.trimEnd().split('\n')).join('\n'))
  expect(output).toMatch(sentence)
  expect(code).toBe(1)
})

test('the verifier stands alone, and can be read in one sitting', () => {
  const source = readFileSync(verifier, 'utf8')
  expect(source.match(/from '(?!node:)/g)).toBeNull()
  expect(source.split('\n').length).toBeLessThanOrEqual(120)
})
