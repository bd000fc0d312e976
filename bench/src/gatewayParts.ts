import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { root } from '@countinghouse/scripts/kit/files'
import { eventually } from '@countinghouse/shared/testing/eventually'

/** What an answer of a service weighs, more or less. */
const BODY_BYTES = 1_000

const SERVICE = `
  const body = Buffer.alloc(${BODY_BYTES}, 'countinghouse ')
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  require('node:http')
    .createServer({ keepAliveTimeout: 75000 }, (request, response) => response.writeHead(200, headers).end(body))
    .listen(Number(process.argv[1]), '127.0.0.1')`

export type Process = { url: string; stop(): Promise<void> }

/** A service that does nothing, so that the way to it is what is measured. */
export const startIdleService = (port: number): Promise<Process> =>
  running(port, spawn(process.execPath, ['-e', SERVICE, String(port)], { stdio: 'inherit' }))

const nginxConfig = (folder: string, port: number, upstream: string): string => `
daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log ${folder}/access.log;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  upstream service { server ${new URL(upstream).host}; keepalive 128; }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000000;
    location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}`

/** nginx in front of a service, with a configuration of its own; nothing where it is not installed. */
export const startNginx = async (folder: string, port: number, upstream: string): Promise<Process | undefined> => {
  const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin']
  const binary = places.map((place) => join(place, 'nginx')).find((path) => existsSync(path))
  if (!binary) return undefined
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxConfig(folder, port, upstream))
  return running(port, spawn(binary, ['-c', file, '-p', folder, '-e', join(folder, 'error.log')], { stdio: 'inherit' }))
}

/** The gateway as it runs in production, with its log in a file, where that of nginx is too. */
export const startGatewayProcess = (logFile: string, environment: NodeJS.ProcessEnv): Promise<Process> => {
  const entry = join(root, 'gateway', 'dist', 'main.js')
  const options = { env: environment, stdio: ['ignore', openSync(logFile, 'a'), 'inherit'] satisfies StdioOptions }
  const child = spawn(process.execPath, [...profiling, entry], options)
  return running(Number(environment['PORT']), child, '/readyz')
}

// BENCH_PROFILE names a folder for a profile of the gateway, to be opened in a browser's tools.
const profiling = process.env['BENCH_PROFILE'] ? ['--cpu-prof', '--cpu-prof-dir', process.env['BENCH_PROFILE']] : []

const running = async (port: number, child: ChildProcess, path = '/'): Promise<Process> => {
  const url = `http://127.0.0.1:${port}`
  await eventually(async () => {
    const { status } = await fetch(url + path)
    if (status !== 200) throw new Error(`It answers ${status}`)
  })
  return { url, stop: () => stopped(child) }
}

const stopped = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

export type Connection = { ask(head: string): Promise<void>; close(): void }

const OK = 'HTTP/1.1 200'

/** One kept connection without any library, which would cost more than what is measured. */
export const openConnection = async (url: string): Promise<Connection> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
    .setNoDelay()
    .setEncoding('latin1')
  let received = ''
  let waiting: { resolve: () => void; reject: (error: Error) => void } | undefined
  const settle = (): void => {
    const bodyAt = received.indexOf('\r\n\r\n') + 4
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1])
    if (bodyAt < 4 || received.length < bodyAt + length) return
    if (received.startsWith(OK)) waiting?.resolve()
    else waiting?.reject(new Error(received))
    received = ''
  }
  socket.on('data', (text: string) => {
    received += text
    settle()
  })
  socket.on('close', () => waiting?.reject(new Error('The connection was closed')))
  await new Promise<void>((resolve, reject) => void socket.once('connect', resolve).once('error', reject))
  return {
    ask: (head) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(head)
      }),
    close: () => socket.destroy(),
  }
}
