import { expect, test } from '@jest/globals'
import readExcel from 'read-excel-file/node'
import { pdfText } from '../testing/pdfText.js'
import { toCsv } from './csv.js'
import { toSvg } from './drawing.js'
import { toPdf, type Block } from './pdf.js'
import { printAmount, type Row, type Table } from './table.js'
import { toXlsx } from './xlsx.js'

const columns = [
  { key: 'name', title: 'Name', kind: 'text' },
  { key: 'amount', title: 'Amount', kind: 'money' },
  { key: 'quantity', title: 'Quantity', kind: 'number' },
  { key: 'share', title: 'Share', kind: 'share' },
  { key: 'day', title: 'Day', kind: 'day' },
  { key: 'at', title: 'At', kind: 'time' },
] as const

const at = new Date('2026-11-21T14:30:00.000Z')
const row = { name: 'Café, "1l"', amount: -123_456_789n, quantity: 2500, share: 0.125, day: '2026-11-21', at }
const tableOf = (...rows: Row[]): Table => ({ columns, rows, currency: 'USD', zone: 'Asia/Kolkata' })
const evil = ['=1+1', '+SUM(A1)', '-2+3', '@cmd', '\t=1', '\r=1']

const collect = async (chunks: AsyncIterable<string | Buffer>): Promise<Buffer> => {
  const all: Buffer[] = []
  for await (const chunk of chunks) all.push(Buffer.from(chunk))
  return Buffer.concat(all)
}
const pdfOf = (...blocks: Block[]) => collect(toPdf({ title: 'A report', madeAt: at, blocks }))
const excelOf = async (table: Table) => (await readExcel(await collect(toXlsx('Sheet', table))))[0]?.data ?? []

test('CSV quotes what needs it, and gives times with the distance of their clocks to UTC', async () => {
  const [heading, line] = (await collect(toCsv(tableOf(row)))).toString().split('\r\n')
  expect(heading).toBe('name,amount,quantity,share,day,at')
  expect(line).toBe('"Café, ""1l""",-1234567.89,2500,0.125,2026-11-21,2026-11-21T20:00:00+05:30')
})

test('a text that a spreadsheet would run as a formula is kept from it, a negative amount is not touched', async () => {
  const rows = evil.map((name) => ({ ...row, name }))
  const lines = (await collect(toCsv(tableOf(...rows)))).toString().split('\r\n').slice(1, -1)
  for (const line of lines) expect(line).toMatch(/^"?'/)
  const [, ...sheet] = await excelOf(tableOf(...rows))
  for (const [name, amount] of sheet) {
    expect(name).toMatch(/^'/)
    expect(amount).toBe(-1_234_567.89)
  }
})

test('a workbook holds real numbers and dates, which another reader finds', async () => {
  const [heading, cells] = await excelOf(tableOf(row, {}))
  expect(heading).toEqual(['Name', 'Amount', 'Quantity', 'Share', 'Day', 'At'])
  expect(cells).toEqual([
    'Café, "1l"',
    -1_234_567.89,
    2500,
    0.125,
    new Date('2026-11-21T00:00:00.000Z'),
    // What the clocks in Kolkata showed; a fraction of a day is not exact.
    expect.any(Date),
  ])
  const shown = Math.round((cells?.[5] as unknown as Date).getTime() / 1000) * 1000
  expect(new Date(shown).toISOString()).toBe('2026-11-21T20:00:00.000Z')
})

test('amounts have the decimals of their currency, by row where rows differ', async () => {
  const rows = [{ amount: 1500n, currency: 'JPY' }, { amount: 1500n, currency: 'KWD' }, { amount: 1500n }]
  const csv = (await collect(toCsv(tableOf(...rows)))).toString()
  expect(
    csv
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(',')[1]),
  ).toEqual(['1500', '1.500', '15.00'])
  expect(['INR', 'EUR', 'JPY', 'USD'].map((currency) => printAmount(123_450n, currency))).toEqual(
    ['₹1,234.50', '€1,234.50', '¥123,450', '$1,234.50'], // prettier-ignore
  )
})

test('a PDF has its title, its words with the signs of all currencies, and the number of each page', async () => {
  const file = await pdfOf(
    {
      beside: [
        ['Seller', 'Countinghouse'],
        ['Buyer', 'Raj Traders'],
      ],
    },
    { facts: [['Number', 'SO-251223-0026']] },
    { table: tableOf(row) },
    {
      totals: [
        ['Tax', '₹18.00'],
        ['Total', '₹118.00 € ¥ £'],
      ],
    },
  )
  const [page = ''] = pdfText(file)
  for (const words of [
    'A report',
    'Raj Traders',
    'SO-251223-0026',
    '-1,234,567.89',
    '12.5 %',
    '2026-11-21 20:00',
    '₹118.00 € ¥ £',
    'Page 1',
  ])
    expect(page).toContain(words)
})

test('a table that is longer than a page goes on under its heading', async () => {
  const rows = Array.from({ length: 150 }, (_, index) => ({ ...row, name: `row ${index} ${'long '.repeat(12)}` }))
  const pages = pdfText(await pdfOf({ table: tableOf(...rows) }))
  expect(pages.length).toBeGreaterThan(3)
  for (const [index, page] of pages.entries()) {
    expect(page).toContain('Quantity')
    expect(page).toContain(`Page ${index + 1}`)
  }
  for (const { name } of rows) expect(pages.some((page) => page.includes(name.slice(0, 8).trim()))).toBe(true)
})

test('no amount, day or word of a title is broken where the columns are many', async () => {
  const kinds = ['text', 'money', 'number', 'day', 'time'] as const
  const many = Array.from({ length: 14 }, (_, index) => ({ key: `c${index}`, title: `Availability ${index}`, kind: kinds[index % 5] ?? 'text' })) // prettier-ignore
  const cells = { text: 'bottle-500ml-a', money: -816_951_579n, number: 98_172, day: '2026-11-21', time: at }
  const wide = Object.fromEntries(many.map(({ key, kind }) => [key, cells[kind]]))
  const made = collect(
    toPdf({ title: 'Wide', madeAt: at, landscape: true, blocks: [{ table: { ...tableOf(wide), columns: many } }] }),
  )
  const lines = pdfText(await made).join('\n').split('\n') // prettier-ignore
  for (const [shown, times] of [
    ['-8,169,515.79', 3],
    ['98,172', 3],
    ['2026-11-21', 3],
    ['2026-11-21 20:00', 2],
  ] as const)
    // prettier-ignore
    expect(lines.filter((line) => line === shown)).toHaveLength(times)
  expect(lines.filter((line) => line.startsWith('Availability'))).toHaveLength(14)
})

test.each(['CSV', 'XLSX'] as const)(
  '%s is written while its rows are read: never do many of them wait',
  async (form) => {
    let [read, told, most] = [0, 0, 0]
    const rows = (function* () {
      for (; read < 20_000; read += 1) yield { ...row, name: `name ${read}` }
    })()
    const table = { columns, rows, currency: 'USD', zone: 'UTC' }
    for await (const chunk of form === 'CSV' ? toCsv(table) : toXlsx('Sheet', table)) {
      most = Math.max(most, read - told)
      if (chunk.length > 0) told = read
    }
    expect(read).toBe(20_000)
    expect(most).toBeLessThan(2_000)
  },
)

test('the same content at the same time makes the same file, byte for byte', async () => {
  const drawing = {
    width: 100,
    height: 50,
    description: 'A line',
    shapes: [{ kind: 'circle', at: [5, 5], radius: 2, fill: '#000000' }],
  } as const
  const make = () => pdfOf({ table: tableOf(row) }, { drawing })
  expect((await make()).equals(await make())).toBe(true)
  const sheet = () => collect(toXlsx('Sheet', tableOf(row)))
  expect((await sheet()).equals(await sheet())).toBe(true)
})

test('a drawing cannot be broken by the words in it', () => {
  const shapes = [{ kind: 'text', text: '<script>&"\u0000', at: [1, 2], size: 8 }] as const
  const svg = toSvg({ width: 10, height: 10, description: 'a < b', shapes })
  expect(svg).toContain('&lt;script&gt;&amp;&quot;</text>')
  expect(svg).toContain('<title>a &lt; b</title>')
})
