/** Calls RabbitMQ's management API as the administrator of an address such as `http://user:password@host:15672`. */
export const managementOf = (adminUrl: string) => {
  const { origin, username, password } = new URL(adminUrl)
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
  return {
    username: decodeURIComponent(username),
    /** Answers what RabbitMQ answers, if anything. */
    call: async (method: string, path: string, body?: object): Promise<unknown> => {
      const response = await fetch(`${origin}/api/${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      })
      if (!response.ok)
        throw new Error(`RabbitMQ answered ${response.status} to ${method} ${path}: ${await response.text()}`)
      const text = await response.text()
      return text === '' ? undefined : (JSON.parse(text) as unknown)
    },
  }
}
