import { expect, test } from '@jest/globals'
import { Agent, get, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { freePort } from '../testing/service.js'
import { listen, PortTakenError } from './listen.js'

const host = '127.0.0.1'
const here = async () => ({ host, port: await freePort(), setting: 'PORT' })

test('a request in flight is finished before the door closes, and its connection is not kept', async () => {
  const place = await here()
  let served: ServerResponse | undefined
  const door = await listen((_request, response) => (served = response.writeHead(200)).write('half '), place)
  const agent = new Agent({ keepAlive: true })
  const body = new Promise<string>((resolve, reject) => {
    get({ ...place, agent }, (response) => resolve(begin(text(response)))).on('error', reject)
  })
  const begin = (reading: Promise<string>) => {
    const closed = door.close()
    served?.end('whole')
    return closed.then(() => reading)
  }
  expect(await body).toBe('half whole')
})

test('a connection that never asked anything does not hold the door open', async () => {
  const place = await here()
  const door = await listen((_request, response) => response.end(), place)
  const silent = connect(place.port, host)
  const closed = new Promise((resolve) => silent.once('close', resolve))
  await new Promise((resolve) => silent.once('connect', resolve))
  await door.close()
  expect(await closed).toBe(false)
})

test('a port that is in use is named with its setting', async () => {
  const place = await here()
  const door = await listen((_request, response) => response.end(), place)
  await expect(listen((_request, response) => response.end(), place)).rejects.toThrow(PortTakenError)
  await door.close()
})
