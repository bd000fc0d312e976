import { describe, expect, test } from '@jest/globals'
import { lastLine, ofChecks, ofJest, sum, type JestReport } from './tally.js'

const report = (changes: Partial<JestReport>): JestReport => ({
  ...{ success: true, numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 },
  ...{ numRuntimeErrorTestSuites: 0, ...changes },
})

describe('the count of a test run', () => {
  test('adds checks and tests', () => {
    expect(lastLine(sum([ofChecks([true, false, true]), ofJest(report({}))]))).toBe('7 passed, 1 failed')
  })

  test('takes a suite that did not run for a failure', () => {
    expect(ofJest(report({ success: false, numRuntimeErrorTestSuites: 2 })).failed).toBe(2)
  })

  test('takes a run without a report for a failure', () => expect(ofJest(undefined).failed).toBe(1))

  test('takes a failed run for a failure even when no test shows it', () => {
    expect(ofJest(report({ success: false })).failed).toBe(1)
  })

  test('tells of skipped tests', () => {
    expect(lastLine(ofJest(report({ numPendingTests: 2, numTodoTests: 1 })))).toBe('5 passed, 0 failed, 3 skipped')
  })
})
