import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { reports } from '../app.js'
import { viewOf } from './kept.js'

test.each(reports.map((report) => [report.name, report] as const))(
  'the example of %s has every figure and column',
  (_, report) => {
    const { figures, columns, example } = report
    expect(z.strictObject(viewOf(figures)).safeParse(example.figures).error).toBeUndefined()
    expect(z.strictObject(viewOf(columns)).safeParse(example.row).error).toBeUndefined()
  },
)
