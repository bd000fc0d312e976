import type { connectRedis } from '@countinghouse/shared/redis'
import type { Rule, Standing, Verdict } from './domain.js'
import { slowest } from './windows.js'

// For each request one to three keys, each with a quota, a window and whether it is the request's last. A key lists the
// times at which it was taken from, so that the window truly slides; a request takes from all its keys or from none.
// The clock is the one of Redis, so that gateways need not agree on theirs.
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer, first = {}, 1
local function used_of(key, window)
  local oldest = redis.call('LINDEX', key, -1)
  while oldest and tonumber(oldest) <= now - window do
    redis.call('RPOP', key)
    oldest = redis.call('LINDEX', key, -1)
  end
  return redis.call('LLEN', key)
end
for last = 1, #KEYS do
  if ARGV[last * 3] == '1' then
    local used, refused = {}, false
    for at = first, last do
      used[at] = used_of(KEYS[at], tonumber(ARGV[at * 3 - 1]))
      refused = refused or used[at] >= tonumber(ARGV[at * 3 - 2])
    end
    answer[#answer + 1] = refused and 1 or 0
    for at = first, last do
      local quota, window = tonumber(ARGV[at * 3 - 2]), tonumber(ARGV[at * 3 - 1])
      if not refused then
        used[at] = redis.call('LPUSH', KEYS[at], now)
        redis.call('PEXPIRE', KEYS[at], window)
      end
      local oldest = redis.call('LINDEX', KEYS[at], -1 - math.max(0, used[at] - quota)) or now
      answer[#answer + 1] = math.max(0, quota - used[at])
      answer[#answer + 1] = oldest + window - now
    end
    first = last + 1
  end
end
return answer`

/** Takes from the windows in Redis for many requests at once: one round trip, one atomic step. */
export const createStore = (redis: Redis) => {
  redis.defineCommand('takeFromWindows', { lua: SCRIPT })
  const { takeFromWindows } = redis as unknown as { takeFromWindows: Take }
  return async (requests: readonly (readonly Rule[])[]): Promise<Verdict[]> => {
    const keys = requests.flatMap((rules) => rules.map(({ key }) => `limit:${key}`))
    const told = requests.flatMap((rules) =>
      rules.flatMap(({ policy }, index) => [policy.quota, policy.windowMs, index === rules.length - 1 ? 1 : 0]),
    )
    return toVerdicts(requests, await takeFromWindows.call(redis, keys.length, ...keys, ...told))
  }
}

type Redis = ReturnType<typeof connectRedis>
type Take = (this: Redis, keyCount: number, ...keysAndArguments: (string | number)[]) => Promise<number[]>

const toVerdicts = (requests: readonly (readonly Rule[])[], answer: number[]): Verdict[] => {
  let at = 0
  const next = (): number => answer[at++] ?? 0
  return requests.map((rules) => {
    const isRefused = next() === 1
    const standings = rules.map((rule): Standing => ({ rule, remaining: next(), resetMs: next() }))
    return { refusedBy: isRefused ? slowest(standings) : undefined, standings }
  })
}
