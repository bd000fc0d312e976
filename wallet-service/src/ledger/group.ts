import type { Outcome } from '@countinghouse/shared/groupCommit'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import { conditionOf, targetOf, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { refuse } from '../errors.js'
import { decideEntries, type Accounts, type EntryDraft, type Posted } from './domain.js'

/** What is to be entered, and what commits with it or not at all. */
export type LedgerRequest = {
  /** One entry as a rule; several are entered all or none, each on what the ones before it left. */
  readonly drafts: readonly EntryDraft[]
  /** Writes beside the books (an inbox row, an idempotency answer); a miss refuses this request alone. */
  readonly companions?: (posted: Posted) => readonly CompanionWrite[]
  /** Events beside those that every entry sends. */
  readonly events?: (posted: Posted) => readonly Envelope[]
}

/** The keys of the drafts that have one. */
export const keysOf = (drafts: readonly EntryDraft[]): string[] => drafts.flatMap(({ key }) => key ?? [])

/** What the books say before a group is decided. */
export type Books = {
  readonly accounts: Accounts
  /** The keys of the group that are entered already, and the entries they belong to. */
  readonly entryIds: ReadonlyMap<string, string>
  /** The conditions of companions that would miss, and what their requests are refused with. */
  readonly misses: ReadonlyMap<string, Error>
}

/** What a group does to the books, if it commits. */
export type DecidedGroup = {
  readonly outcomes: readonly Outcome<Posted>[]
  readonly accounts: Accounts
  readonly writes: readonly CompanionWrite[]
}

/** Decides the requests of a group one after another, each on what the ones before it left; a refused one leaves nothing. */
export const decideGroup = (requests: readonly LedgerRequest[], books: Books, now: Date): DecidedGroup => {
  const accounts = new Map(books.accounts)
  const entryIds = new Map(books.entryIds)
  const writes: CompanionWrite[] = []
  const targets = new Set<string>()

  const decide = ({ drafts, companions }: LedgerRequest): Outcome<Posted> => {
    const known = keysOf(drafts)
      .map((key) => entryIds.get(key))
      .find((entryId) => entryId !== undefined)
    if (known !== undefined) throw refuse('entry_exists', { entry_id: known })
    const posted = decideEntries(drafts, accounts, now)
    const wanted = companions?.(posted) ?? []
    const miss = wanted.map((write) => books.misses.get(conditionOf(write))).find((error) => error !== undefined)
    if (miss) throw miss
    // Whether the second write of one document misses is known only when the first has committed.
    if (wanted.some((write) => targets.has(targetOf(write)))) return { kind: 'deferred' }
    for (const write of wanted) targets.add(targetOf(write))
    writes.push(...wanted)
    for (const { key, _id } of posted.entries) if (key !== null) entryIds.set(key, _id)
    for (const [id, account] of posted.accounts) accounts.set(id, account)
    return { kind: 'done', result: posted }
  }
  const outcomes = requests.map((request): Outcome<Posted> => {
    try {
      return decide(request)
    } catch (error) {
      return { kind: 'refused', error }
    }
  })
  return { outcomes, accounts, writes }
}
