import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { root } from '../../kit/files.js'
import { images, rabbitmqCommand, rabbitmqEnvironment } from './images.js'

const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8')

test('tests and docker-compose.yml run the same images', () => {
  const named = [...compose.matchAll(/^ {4}image: (\S+)$/gm)].map(([, image]) => image)
  expect(named).toEqual(expect.arrayContaining(Object.values(images)))
})

test('the broker of docker-compose.yml has the plugin, user and virtual host of the others', () => {
  expect(compose).toContain(rabbitmqCommand.at(-1))
  for (const [name, value] of Object.entries(rabbitmqEnvironment)) expect(compose).toContain(`${name}: ${value}`)
})
