import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Figures } from './load.js'

export type Row = { name: string; figures: Figures; baseline?: string }

const round = (value: number, digits = 0): string => value.toFixed(digits)

/** Prints the rows as a table, each beside its baseline, and keeps them as JSON. */
export const report = (title: string, rows: readonly Row[], facts: Record<string, string | number>): void => {
  const find = (name: string | undefined) => rows.find((row) => row.name === name)?.figures
  const lines = rows.map(({ name, figures, baseline }) => {
    const base = find(baseline)
    const ratio = base ? `${round(figures.perSecond / base.perSecond, 2)} × ${baseline ?? ''}` : ''
    return [
      name,
      round(figures.perSecond),
      round(figures.p50Ms, 1),
      round(figures.p99Ms, 1),
      round(figures.failed),
      ratio,
    ]
  })
  const header = ['', 'per second', 'p50 ms', 'p99 ms', 'failed', 'ratio']
  const widths = header.map((cell, column) => Math.max(cell.length, ...lines.map((line) => line[column]?.length ?? 0)))
  const print = (cells: string[]) =>
    console.log(
      cells
        .map((cell, column) =>
          column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
  console.log(
    `\n${title}, on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}; driver, services and servers share them\n`,
  )
  print(header)
  for (const line of lines) print(line)
  for (const [name, value] of Object.entries(facts)) console.log(`${name}: ${value}`)
  const file = fileURLToPath(new URL(`../results/${title.split(':')[0] ?? 'bench'}.json`, import.meta.url))
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    `${JSON.stringify({ title, at: new Date().toISOString(), node: process.version, rows, facts }, null, 2)}\n`,
  )
  console.log(`\nkept in ${file}`)
}
