import { HEAD, toAimCells, toCells, type Measured } from './measured.js'

/** Shows what a bench measured on the terminal. */
export const print = ({ title, rows, facts, aims }: Measured, machine: string): void => {
  console.log(`\n${title}, on ${machine}; driver, services and servers share them\n`)
  printTable([HEAD, ...rows.map((row) => toCells(rows, row))])
  for (const [name, value] of Object.entries(facts)) console.log(`${name}: ${value}`)
  if (aims.length > 0) printTable([['', 'aim', 'measured', ''], ...aims.map(toAimCells)])
}

const printTable = (lines: string[][]): void => {
  const columns = lines[0]?.length ?? 0
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  )
  const pad = (cell: string, column: number) =>
    column === 0 || column === columns - 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  for (const line of lines) console.log(line.map(pad).join('  ').trimEnd())
  console.log()
}
