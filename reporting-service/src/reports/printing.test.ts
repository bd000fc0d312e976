import { expect, test } from '@jest/globals'
import { BUSINESS_READERS, text, type Report } from './definition.js'
import { fileNameOf, printReport, type Print } from './printing.js'

const report: Report = {
  ...{ name: 'customers', title: 'Customers', summary: 'All', access: BUSINESS_READERS, cached: true },
  ...{ figures: [], columns: [text('name', 'Name')], example: { figures: {}, row: {} } },
  compute: () => Promise.resolve({ figures: {}, rows: [] }),
}
const printOf = (count: number): Print => ({
  ...{ report, currency: 'USD', question: { from: '2026-01-01', to: '2026-01-31', tz: 'UTC' } },
  made: {
    ...{ figures: {}, generatedAt: new Date(0), asOf: undefined },
    rows: Array.from({ length: count }, (_, index) => ({ name: `name ${index}` })),
  },
})
const linesOf = async (chunks: AsyncIterable<string | Buffer>): Promise<number> => {
  let lines = 0
  for await (const chunk of chunks) lines += chunk.toString().split('\r\n').length - 1
  return lines
}

test('a PDF has room for 10,000 rows and is refused for more; CSV has no end', async () => {
  expect(() => printReport(printOf(10_001), 'pdf')).toThrow('A PDF has room for 10000 rows')
  expect(() => printReport(printOf(10_000), 'pdf')).not.toThrow()
  expect(await linesOf(printReport(printOf(10_001), 'csv'))).toBe(10_002)
})

test('a file is called by its report and its days', () => {
  expect(fileNameOf(printOf(0), 'xlsx')).toBe('customers-2026-01-01-2026-01-31.xlsx')
})
