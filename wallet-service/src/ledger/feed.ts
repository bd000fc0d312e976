import { Feed } from '@countinghouse/shared/http/page'
import { invalidAt } from '@countinghouse/shared/http/problem'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { Entry } from './domain.js'
import { before, parsePlace, toCursor, type Place } from './place.js'
import { aboutReference, entries } from './store.js'

/** The place from which a feed goes on; refuses a cursor that no feed has given out. */
export const placeOfCursor = (cursor: string | undefined): Place | undefined => {
  if (cursor === undefined) return undefined
  const place = parsePlace(cursor)
  if (!place) throw invalidAt(['query', 'cursor'], 'is not a cursor of this feed')
  return place
}

type EntryFilter = {
  before?: Place | undefined
  page_size: number
  reference_kind?: string | undefined
  reference_id?: string | undefined
  account_id?: string | undefined
}

/** The journal from its newest entry backwards, in the order in which it was committed. */
export const listEntries = async (reads: Reads, filter: EntryFilter): Promise<Feed<Entry>> => {
  const { page_size, reference_kind, reference_id, account_id } = filter
  const found = await reads.find(
    entries,
    {
      ...(filter.before && before(filter.before)),
      ...(reference_kind !== undefined && { 'reference.kind': reference_kind }),
      ...(reference_id !== undefined && aboutReference(reference_id)),
      ...(account_id !== undefined && { 'postings.accountId': account_id }),
    },
    { sort: { height: -1, index: -1 }, limit: page_size + 1 },
  )
  return Feed.of(found, page_size, toCursor)
}
