/** One page of a list; travels as a bare array with its place in the headers. */
export class Page<Item> {
  constructor(
    readonly items: readonly Item[],
    readonly total: number,
    readonly at: { readonly page: number; readonly page_size: number },
  ) {}

  /** Counts how many there are only where the page does not tell it: the last one does. */
  static async of<Item>(items: readonly Item[], at: Page<Item>['at'], count: () => Promise<number>) {
    const { skip, limit } = rangeOf(at)
    const isLast = items.length < limit && (items.length > 0 || skip === 0)
    return new Page(items, isLast ? skip + items.length : await count(), at)
  }

  map<Other>(convert: (item: Item) => Other): Page<Other> {
    return new Page(this.items.map(convert), this.total, this.at)
  }
}

/** `skip` and `limit` of a page. */
export const rangeOf = ({ page, page_size }: { page: number; page_size: number }) => ({
  skip: (page - 1) * page_size,
  limit: page_size,
})

export const PAGING_HEADERS = ['X-Total-Count', 'X-Page', 'X-Page-Size', 'Link'] as const

/** The headers of a page, with RFC 8288 links that keep the rest of the query. */
export const pageHeaders = ({ total, at }: Page<unknown>, requestUrl: string): Record<string, string> => {
  const last = Math.max(1, Math.ceil(total / at.page_size))
  const targets = { first: 1, prev: at.page - 1, next: at.page + 1, last }
  const links = Object.entries(targets)
    .filter(([, page]) => page >= 1 && page <= last)
    .map(([relation, page]) => `<${withPage(requestUrl, page)}>; rel="${relation}"`)
  return {
    'X-Total-Count': total.toString(),
    'X-Page': at.page.toString(),
    'X-Page-Size': at.page_size.toString(),
    Link: links.join(', '),
  }
}

const withPage = (requestUrl: string, page: number): string => {
  const url = new URL(requestUrl, 'http://local')
  url.searchParams.set('page', page.toString())
  return url.pathname + url.search
}

/** A stretch of an endless feed; travels as a bare array, with the way on as an opaque cursor in `Link`. */
export class Feed<Item> {
  private constructor(
    readonly items: readonly Item[],
    readonly nextCursor: string | undefined,
  ) {}

  /** From one item more than was asked for, which tells whether the feed goes on. */
  static of<Item>(found: readonly Item[], size: number, keyOf: (item: Item) => string): Feed<Item> {
    const items = found.slice(0, size)
    const last = items.at(-1)
    return new Feed(items, found.length > size && last !== undefined ? encodeCursor(keyOf(last)) : undefined)
  }

  map<Other>(convert: (item: Item) => Other): Feed<Other> {
    return new Feed(this.items.map(convert), this.nextCursor)
  }
}

const encodeCursor = (key: string): string => Buffer.from(key).toString('base64url')
export const decodeCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString()

export const feedHeaders = ({ nextCursor }: Feed<unknown>, requestUrl: string): Record<string, string> => {
  if (nextCursor === undefined) return {}
  const url = new URL(requestUrl, 'http://local')
  url.searchParams.set('cursor', nextCursor)
  return { Link: `<${url.pathname}${url.search}>; rel="next"` }
}
