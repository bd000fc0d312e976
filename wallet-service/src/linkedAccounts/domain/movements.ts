/** What a user wrote on a movement: never touched by what its institution says. */
export type MovementEdits = { category: string | null; note: string | null }

/** A movement on an account, as its institution knows it, with what the user made of it. */
export type AccountMovement = {
  _id: string
  userId: string
  accountId: string
  linkId: string
  externalId: string
  amountMinor: bigint
  currency: string
  description: string
  day: string
  isPending: boolean
  category: string
  edits: MovementEdits
  /** Since when it is gone, because the institution took it back or posted it under another name. */
  removedAt: Date | null
  updatedAt: Date
}

/** A movement as an institution tells it; `pendingId` names the pending one that it is the posted form of. */
export type ReportedMovement = Pick<
  AccountMovement,
  'externalId' | 'amountMinor' | 'currency' | 'description' | 'day' | 'isPending' | 'category'
> & { accountExternalId: string; pendingId: string | null }

/** The next stretch of what changed since a cursor. */
export type MovementPage = {
  added: readonly ReportedMovement[]
  modified: readonly ReportedMovement[]
  removed: readonly string[]
  nextCursor: string
  hasMore: boolean
}

export type PageCounts = { added: number; modified: number; removed: number }

type Link = { linkId: string; userId: string }
type Known = {
  /** What is stored of every movement that the page names. */
  movements: ReadonlyMap<string, AccountMovement>
  /** The accounts that the institution reports, with our ids of those that are followed. */
  accountIds: ReadonlyMap<string, string | undefined>
}

/** Every movement that a page speaks of. */
export const namedIn = ({ added, modified, removed }: MovementPage): string[] => [
  ...new Set([...[...added, ...modified].flatMap(({ externalId, pendingId }) => [externalId, pendingId ?? externalId]), ...removed]), // prettier-ignore
]

export const movementId = (linkId: string, externalId: string): string => `${linkId}:${externalId}`

const unedited: MovementEdits = { category: null, note: null }

/** What a page makes of the movements: a posted one takes over what its user wrote on the pending one, and all keep theirs. */
export const applyPage = (
  page: MovementPage,
  { linkId, userId }: Link,
  { movements, accountIds }: Known,
  now: Date,
): { changed: AccountMovement[]; counts: PageCounts } => {
  const changed = new Map<string, AccountMovement>()
  const current = (externalId: string) => changed.get(externalId) ?? movements.get(externalId)
  const counts = { added: 0, modified: 0, removed: 0 }
  const remove = (externalId: string): void => {
    const movement = current(externalId)
    if (!movement || movement.removedAt) return
    changed.set(externalId, { ...movement, removedAt: now, updatedAt: now })
    counts.removed += 1
  }
  for (const externalId of page.removed) remove(externalId)
  for (const { accountExternalId, pendingId, ...told } of [...page.added, ...page.modified]) {
    // Opened since the accounts were read: who passes over it now never hears of it again.
    if (!accountIds.has(accountExternalId)) throw new Error('A movement on an account that is not reported yet')
    const accountId = accountIds.get(accountExternalId)
    if (accountId === undefined) continue
    const before = current(told.externalId)
    const edits = before?.edits ?? (pendingId === null ? undefined : current(pendingId)?.edits) ?? unedited
    const place = { _id: movementId(linkId, told.externalId), userId, linkId, accountId }
    changed.set(told.externalId, { ...place, ...told, edits, removedAt: null, updatedAt: now })
    counts[before ? 'modified' : 'added'] += 1
    if (pendingId !== null) remove(pendingId)
  }
  return { changed: [...changed.values()], counts }
}
