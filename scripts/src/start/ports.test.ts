import { describe, expect, test } from '@jest/globals'
import { portsFrom } from './ports.js'

describe('the ports of the system', () => {
  test('follow the gateway, with the metrics a hundred above', () => {
    const ports = portsFrom('4000')
    expect(ports.gateway).toEqual({ port: 4000, metricsPort: 4100 })
    expect(ports['reporting-service']).toEqual({ port: 4005, metricsPort: 4105 })
  })

  test('begin at 3000 when nothing is set', () => expect(portsFrom(undefined).gateway.port).toBe(3000))

  test.each(['abc', '0', '3000.5', '65535'])('PORT=%s is refused by name', (setting) => {
    expect(() => portsFrom(setting)).toThrow(`PORT is ${setting}`)
  })
})
