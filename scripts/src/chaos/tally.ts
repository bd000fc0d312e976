/** One thing that a client asked for, under one idempotency key however often it was sent. */
export type Attempt = {
  kind: string
  /** A name that the effect carries, by which it is found again in the databases. */
  marker: string
  /** Unknown when the client gave up before an answer came. */
  outcome: 'acknowledged' | 'refused' | 'unknown'
  /** How often it was sent without an answer that settles it. */
  failures: number
  /** What the effect changes the balances of wallets by, and how many there are of items. */
  moves?: Readonly<Record<string, bigint>>
  /** The number under which the client was told that it stands. */
  told?: string
}

/** The markers of all effects in the databases, by kind; one that stands twice happened twice. */
export type Found = Readonly<Record<string, readonly string[]>>

/** What clients asked for, and what there is of it. */
export type Happened = { attempts: readonly Attempt[]; found: Found }

/** The form of RabbitMQ's own Jepsen suite, with what was refused and what had to be asked for again. */
export type Tally = {
  kind: string
  attempt: number
  acknowledged: number
  refused: number
  repeated: number
  /** Acknowledged, but not there. */
  lost: string[]
  /** There more than once. */
  duplicated: string[]
  /** There, though refused or never asked for. */
  unexpected: string[]
  /** There, though the client never learnt of it. */
  recovered: number
}

export const tallyOf = (kind: string, attempts: readonly Attempt[], found: readonly string[]): Tally => {
  const times = new Map<string, number>()
  for (const marker of found) times.set(marker, (times.get(marker) ?? 0) + 1)
  const those = (outcome: Attempt['outcome']) => attempts.filter((attempt) => attempt.outcome === outcome)
  const awaited = new Set(attempts.filter(({ outcome }) => outcome !== 'refused').map(({ marker }) => marker))
  return {
    kind,
    attempt: attempts.length,
    acknowledged: those('acknowledged').length,
    refused: those('refused').length,
    repeated: those('acknowledged').filter(({ failures }) => failures > 0).length,
    lost: those('acknowledged').flatMap(({ marker }) => (times.has(marker) ? [] : [marker])),
    duplicated: [...times].filter(([, count]) => count > 1).map(([marker]) => marker),
    unexpected: [...times.keys()].filter((marker) => !awaited.has(marker)),
    recovered: those('unknown').filter(({ marker }) => times.has(marker)).length,
  }
}

export const talliesOf = (kinds: readonly string[], { attempts, found }: Happened): Tally[] =>
  kinds.map((kind) =>
    tallyOf(
      kind,
      attempts.filter((attempt) => attempt.kind === kind),
      found[kind] ?? [],
    ),
  )

/** What each wallet must hold, and how many there must be of each item, when exactly these effects took place. */
export const balancesOf = ({ attempts, found }: Happened): Map<string, bigint> => {
  const balances = new Map<string, bigint>()
  const isThere = new Set(Object.entries(found).flatMap(([kind, markers]) => markers.map((one) => `${kind} ${one}`)))
  for (const { moves = {} } of attempts.filter(({ kind, marker }) => isThere.has(`${kind} ${marker}`))) {
    for (const [walletId, amountMinor] of Object.entries(moves))
      balances.set(walletId, (balances.get(walletId) ?? 0n) + amountMinor)
  }
  return balances
}

/** What stands under another number than its client was told; `numbers` are the numbers in the databases, by marker. */
export const misnumbered = (
  attempts: readonly Attempt[],
  kind: string,
  numbers: ReadonlyMap<string, string>,
): string[] =>
  attempts
    .filter((attempt) => attempt.kind === kind && attempt.told !== undefined)
    .filter(({ marker, told }) => numbers.get(marker) !== told)
    .map(({ marker, told }) => `${kind} ${marker} was told as ${told}, and is ${numbers.get(marker) ?? 'not there'}`)
