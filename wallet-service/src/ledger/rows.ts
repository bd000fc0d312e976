type Rows<Row> = { next(): Promise<Row | null>; close(): Promise<void> }

/** A cursor that can be looked at without being moved. */
export const peekable = <Row>(rows: Rows<Row>) => {
  let ahead: Row | null | undefined
  const peek = async (): Promise<Row | null> => (ahead === undefined ? (ahead = await rows.next()) : ahead)
  const take = (): void => {
    ahead = undefined
  }
  return { peek, take, close: () => rows.close() }
}

/** The next rows as long as they are wanted; the first that is not stays for the next call. */
export const takeWhile = async <Row>(
  rows: ReturnType<typeof peekable<Row>>,
  wanted: (row: Row) => boolean,
): Promise<Row[]> => {
  const taken: Row[] = []
  for (let row = await rows.peek(); row !== null && wanted(row); row = await rows.peek()) {
    taken.push(row)
    rows.take()
  }
  return taken
}
