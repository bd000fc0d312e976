import { describe, expect, test } from '@jest/globals'
import { csvLine } from './csv.js'

describe('a line of CSV', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('keeps %j from being run as a formula', (text) => {
    expect(csvLine([{ text }])).toContain("'" + text)
  })
  test('quotes what would end a field or a line', () => {
    expect(csvLine([{ text: 'a,b' }, { text: 'say "hi"' }, { text: 'two\nlines' }, 'plain'])).toBe(
      '"a,b","say ""hi""","two\nlines",plain\r\n',
    )
  })
  test('leaves the numbers that we print as they are', () => {
    expect(csvLine(['-5.00', '12.50'])).toBe('-5.00,12.50\r\n')
  })
})
