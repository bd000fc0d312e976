import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { openLog } from '../kit/files.js'
import { processNames, type ProcessName } from '../system/names.js'

const ALARMING = ['error', 'fatal']

/** Keeps each service's lines in a file of its own; what a person must see is also shown. */
export const logsIn = (directory: string, show: (line: string) => void) => {
  const files = Object.fromEntries(
    processNames.map((name) => {
      const path = join(directory, `${name}.log`)
      return [name, createWriteStream(path, { fd: openLog(path) })]
    }),
  ) as Record<ProcessName, WriteStream>
  return (service: ProcessName, line: string): void => {
    files[service].write(`${line}\n`)
    const message = alarming(line)
    if (message) show(`${service}: ${message}`)
  }
}

/** What a log line says to a person, when it is an error or not a log line at all, such as the trace of a crash. */
export const alarming = (line: string): string | undefined => {
  const entry = parse(line)
  if (!entry) return line.trim() || undefined
  if (!ALARMING.includes(entry.level)) return undefined
  const cause = entry.err?.message
  return cause && cause !== entry.message ? `${entry.message} (${cause})` : entry.message
}

type Entry = { level: string; message: string; err?: { message?: string } }

const parse = (line: string): Entry | undefined => {
  try {
    const entry: unknown = JSON.parse(line)
    return entry && typeof entry === 'object' && 'level' in entry ? (entry as Entry) : undefined
  } catch {
    return undefined
  }
}
