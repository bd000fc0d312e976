import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Identity } from './identity.js'

// The shell holds the reading end of a pipe: when this process is gone, however it ended, the read returns.
const script = `
read -r _
sleep "$1"
{ cat "/proc/$0/cmdline" 2>/dev/null || ps -ww -o command= -p "$0"; } | grep -aqF -- "$2" && kill -TERM "$3"
`

/** Sees to it that a child does not outlive a launcher that was killed; returns how to end the watch. */
export const guard = ({ pid, marker }: Identity, stopTarget: number, orphanSeconds: number): (() => void) => {
  const parameters = ['-c', script, String(pid), String(orphanSeconds), marker, String(stopTarget)]
  const watcher = spawn('/bin/sh', parameters, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  // Without a shell there is just no guard; the pid file still finds the leftover at the next start.
  watcher.on('error', () => undefined)
  watcher.unref()
  ;(watcher.stdin as Socket).unref()
  return () => void watcher.kill('SIGKILL')
}
