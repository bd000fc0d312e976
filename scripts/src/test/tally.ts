/** What a run of the tests came to. */
export type Tally = { passed: number; failed: number; skipped: number }

/** The part of jest's report that is counted. */
export type JestReport = {
  success: boolean
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  /** Suites that did not run at all: their tests are unknown, so each counts as one that failed. */
  numRuntimeErrorTestSuites: number
}

export const oneFailure: Tally = { passed: 0, failed: 1, skipped: 0 }

export const ofChecks = (results: boolean[]): Tally => ({
  passed: results.filter((ok) => ok).length,
  failed: results.filter((ok) => !ok).length,
  skipped: 0,
})

/** Counts a jest run; one that left no report, or failed for a reason no test shows, is a failure too. */
export const ofJest = (report: JestReport | undefined): Tally => {
  if (!report) return oneFailure
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !report.success ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

export const sum = (tallies: Tally[]): Tally => ({
  passed: tallies.reduce((total, { passed }) => total + passed, 0),
  failed: tallies.reduce((total, { failed }) => total + failed, 0),
  skipped: tallies.reduce((total, { skipped }) => total + skipped, 0),
})

/** The last line of a test run. */
export const lastLine = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
