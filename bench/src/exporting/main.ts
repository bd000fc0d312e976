import { printReport, type Format } from '@countinghouse/reporting-service/reports/printing'
import { customers } from '@countinghouse/reporting-service/trade/reports/parties'

// A process of its own, whose peak is that of one export: 100,000 customers as a file of the form that is asked for.
const ROWS = 100_000
const rows = Array.from({ length: ROWS }, (_, index) => {
  const [customer_id, customer_name, sales] = [`CUST-${index}`, `Customer ${index}`, BigInt(index) * 100n]
  const [credited, paid, due, overdue, profit] = [0n, sales / 2n, sales / 2n, 0n, sales / 5n]
  return { customer_id, customer_name, bills: index % 9, sales, credited, paid, due, overdue, profit, last_bill_on: '2026-11-20' } // prettier-ignore
})
const made = { figures: {}, rows, generatedAt: new Date(), asOf: undefined }
const print = { report: customers, made, question: { tz: 'Asia/Kolkata' }, currency: 'USD' }

const startedAt = performance.now()
let bytes = 0
for await (const chunk of printReport(print, process.argv[2] as Format)) bytes += chunk.length
const seconds = (performance.now() - startedAt) / 1000
console.log(JSON.stringify({ bytes, seconds, peakMb: process.resourceUsage().maxRSS / 1024 }))
