import { getSealed, putSealed, type Piece, type Shelf } from './piece.js'

const CATALOGUE = 'catalogue'

/** All pieces that there are, oldest first. */
export const readCatalogue = async (shelf: Shelf): Promise<Piece[]> => {
  const body = await shelf.files.get(CATALOGUE)
  if (!body) return []
  body.destroy()
  return JSON.parse((await getSealed(shelf, CATALOGUE)).toString('utf8')) as Piece[]
}

export const writeCatalogue = (shelf: Shelf, pieces: readonly Piece[]): Promise<void> =>
  putSealed(shelf, CATALOGUE, Buffer.from(JSON.stringify(pieces)))

/** What a moment is restored from: the last snapshot before it, and what changed since, without a gap. */
export const piecesFor = (pieces: readonly Piece[], moment: Date): [Piece, ...Piece[]] => {
  const snapshot = pieces.findLast(({ kind, at }) => kind === 'snapshot' && new Date(at) <= moment)
  if (!snapshot) throw new Error(`No snapshot is as old as ${moment.toISOString()}`)
  const changes = pieces.filter(({ kind, to }) => kind === 'oplog' && BigInt(to) > BigInt(snapshot.to))
  let reached = BigInt(snapshot.to)
  for (const { id, from, to } of changes) {
    if (BigInt(from) > reached) throw new Error(`What happened before ${id} is not in the backup`)
    reached = BigInt(to)
  }
  return [snapshot, ...changes]
}

const DAY_MS = 24 * 3600 * 1000

/** Those that no moment of the last so many days needs any more. */
export const outdated = (pieces: readonly Piece[], now: Date, days: number): Piece[] => {
  const oldest = new Date(now.getTime() - days * DAY_MS)
  const needed = pieces.findLast(({ kind, at }) => kind === 'snapshot' && new Date(at) <= oldest)
  if (!needed) return []
  return pieces.filter((piece) => piece !== needed && BigInt(piece.to) <= BigInt(needed.to))
}
