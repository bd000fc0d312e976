// Verifies an export of countinghouse's ledger on its own: node verify-export.mjs FILE
// It needs Node.js and nothing else, asks nobody, and ends with 1 when anything is wrong.
//
// The file: a first line with the end of the chain, then one line for each block, with its entries as the texts that were
// hashed. What is proven:
//   1. each block's hash covers its place, its time, the hash of the block before it and the Merkle root of its entries
//      (RFC 6962: SHA-256, leaves after a 0 byte, nodes after a 1 byte), so that no entry can change, go or be added;
//   2. each entry balances per currency;
//   3. each posting's balance follows from the one before it on the same account, from zero on;
//   4. over all accounts, per currency, debit balances equal credit balances.
// Compare the head it prints with one that was noted elsewhere: that alone shows that the whole chain was not replaced.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

const merkleRoot = (leaves) => {
  if (leaves.length === 0) return sha256('')
  if (leaves.length === 1) return leaves[0]
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha256(Buffer.from([1]), merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)))
}

// In a hashed text, 12n is a whole number of minor units and a time stands without quotes; both become strings.
const parseEntry = (text) => {
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d+n|\d{4}-\d\d-\d\dT[\d:.]+Z/g
  return JSON.parse(text.replace(tokens, (token) => (token.startsWith('"') ? token : `"${token.replace(/n$/, '')}"`)))
}

const problems = []
const report = (problem) => {
  problems.push(problem)
  if (problems.length <= 100) console.error(`WRONG  ${problem}`)
}

/** By account: its currency, its balance, and the side on which it grows. */
const accounts = new Map()
const flows = new Map()
const last = { height: 0, hash: '0'.repeat(64) }
let entryCount = 0

const checkPosting = (entry, { accountId, side, amountMinor, currency, balanceAfterMinor }) => {
  const [amount, after] = [BigInt(amountMinor), BigInt(balanceAfterMinor)]
  if (amount <= 0n) report(`entry ${entry._id}: a posting of ${amount}`)
  // The first posting on an account, from zero, shows on which side the account grows.
  const other = side === 'debit' ? 'credit' : 'debit'
  const account = accounts.get(accountId) ?? { currency, balance: 0n, grows: after === amount ? side : other }
  const expected = account.balance + (side === account.grows ? amount : -amount)
  if (after !== expected) report(`entry ${entry._id}: ${accountId} is left at ${after}, not at ${expected}`)
  if (currency !== account.currency) report(`entry ${entry._id}: ${accountId} is not in ${currency}`)
  accounts.set(accountId, { ...account, balance: after })
  return side === 'debit' ? amount : -amount
}

const checkEntry = (entry, height, index) => {
  entryCount++
  if (entry.height !== height || entry.index !== index) report(`entry ${entry._id} is not at its place`)
  const sums = new Map()
  for (const posting of entry.postings) {
    const signed = checkPosting(entry, posting)
    sums.set(posting.currency, (sums.get(posting.currency) ?? 0n) + signed)
    if (signed > 0n) flows.set(posting.currency, (flows.get(posting.currency) ?? 0n) + signed)
  }
  for (const [currency, sum] of sums) if (sum !== 0n) report(`entry ${entry._id} is out by ${sum} in ${currency}`)
}

const checkBlock = ({ height, previousHash, root, hash, entryCount, committedAt, entries, ...more }) => {
  const facts =
    `{"committedAt":${committedAt},"entryCount":${entryCount},"height":${height},` +
    `"previousHash":${JSON.stringify(previousHash)},"root":${JSON.stringify(root)}}`
  if (Object.keys(more).length > 0) report(`block ${height} has more in it: ${Object.keys(more)}`)
  if (height !== last.height + 1) report(`block ${height} comes after block ${last.height}`)
  if (previousHash !== last.hash) report(`block ${height} does not follow the block before it`)
  if (sha256(facts).toString('hex') !== hash) report(`block ${height} is not what its hash was made of`)
  if (entryCount !== entries.length) report(`block ${height} has ${entries.length} entries, not ${entryCount}`)
  const leaves = entries.map((text) => sha256(Buffer.from([0]), text))
  if (merkleRoot(leaves).toString('hex') !== root) report(`the entries of block ${height} are not as they were sealed`)
  entries.map(parseEntry).forEach((entry, index) => checkEntry(entry, height, index))
  Object.assign(last, { height, hash })
}

const checkTotals = (currency) => {
  const inCurrency = [...accounts.values()].filter((account) => account.currency === currency)
  const sum = (side) => inCurrency.reduce((total, { grows, balance }) => total + (grows === side ? balance : 0n), 0n)
  const [debits, credits] = [sum('debit'), sum('credit')]
  if (debits !== credits) report(`${currency}: debit balances ${debits}, credit balances ${credits}`)
  console.log(
    `${currency}: ${inCurrency.length} accounts, moved ${flows.get(currency)}, balances ${debits} = ${credits}`,
  )
}

if (process.argv[2] === undefined) report('no file is named: node verify-export.mjs FILE')

let head
try {
  for await (const line of createInterface({ input: createReadStream(process.argv[2] ?? ''), crlfDelay: Infinity })) {
    const row = JSON.parse(line)
    if (head) checkBlock(row)
    else if (row.format === 'countinghouse-ledger' && row.version === 1) head = row.head
    else throw new Error('this is no export of a countinghouse ledger')
  }
} catch (error) {
  report(`after block ${last.height}: ${error.message}`)
}
if (head && (head.height !== last.height || head.hash !== last.hash)) report('the chain does not end where it should')
if (!head) report('the file is empty')
for (const currency of [...flows.keys()].sort()) checkTotals(currency)
console.log(`${last.height} blocks, ${entryCount} entries, head ${last.hash}`)
console.log(problems.length === 0 ? 'The ledger is as it was entered.' : `${problems.length} problems.`)
process.exit(problems.length === 0 ? 0 : 1)
