import { endpoint } from '@countinghouse/shared/http/endpoint'
import { nonNegativeAmountIn, orderingBy, pageQuery, WireAmount } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import type { AskedSelection, ProductReader } from '../reading.js'
import { productExample, ProductView } from '../view.js'

export type Deps = { reader: ProductReader; currency: string }

const tag = 'Products'
const access = 'public'
const conditional = true

const ORDERS = { price: 'finalPriceMinor', name: 'sortName', created_at: 'createdAt', relevance: 'relevance' }

const selectionQuery = (currency: string) => ({
  search: z.string().max(100).optional().meta({ description: 'Beginnings of words; one mistake in each is forgiven' }),
  category: z.string().max(100).optional().meta({ description: 'The number or the slug' }),
  vendor: z.string().max(128).optional(),
  min_price: nonNegativeAmountIn(currency).optional(),
  max_price: nonNegativeAmountIn(currency).optional(),
  in_stock: z.enum(['true', 'false']).optional(),
})

type SelectionQuery = z.output<z.ZodObject<ReturnType<typeof selectionQuery>>>

const toAsked = ({ search, category, vendor, min_price, max_price, in_stock }: SelectionQuery): AskedSelection => ({
  ...{ search, category, vendorId: vendor, minPriceMinor: min_price, maxPriceMinor: max_price },
  inStock: in_stock === undefined ? undefined : in_stock === 'true',
})

const Count = z.number().int()
const FacetView = z.object({
  ...{ total: Count, in_stock: Count, currency: z.string() },
  price: z.object({ min: WireAmount.nullable(), max: WireAmount.nullable() }),
  categories: z.array(z.object({ id: z.number().int(), slug: z.string(), name: z.string(), count: Count })),
  vendors: z.array(z.object({ id: z.string(), name: z.string().nullable(), count: Count })),
})

const facetExample = {
  ...{ total: 12, in_stock: 10, currency: 'USD', price: { min: 4.5, max: 129 } },
  categories: [{ id: 1, slug: 'kitchen', name: 'Kitchen', count: 12 }],
  vendors: [{ id: productExample.vendor, name: 'vendor', count: 7 }],
}

export const readingEndpoints = ({ reader, currency }: Deps) => [
  endpoint({
    method: 'get',
    path: '/products',
    summary: 'Find products',
    ...{ tag, access, conditional },
    query: z.object({ ...pageQuery, ...selectionQuery(currency), ordering: orderingBy(ORDERS, 'relevance') }),
    view: ProductView,
    list: true,
    example: { view: [productExample] },
    handle: ({ query: { page, page_size, ordering, ...selection } }) =>
      reader.list(toAsked(selection), { sort: 'relevance' in ordering ? undefined : ordering, page, page_size }),
  }),
  endpoint({
    method: 'get',
    path: '/products/facets',
    summary: 'Count the products of a selection by category, vendor, price and stock',
    ...{ tag, access, conditional },
    query: z.object(selectionQuery(currency)),
    view: FacetView,
    example: { view: facetExample },
    handle: ({ query }) => reader.facets(toAsked(query)),
  }),
  endpoint({
    method: 'get',
    path: '/products/:slug',
    summary: 'Read a product',
    ...{ tag, access, conditional },
    params: z.object({ slug: z.string().max(100) }),
    view: ProductView,
    refusals: ['product_not_found'],
    example: { view: productExample },
    handle: ({ params: { slug } }) => reader.detail(slug),
  }),
]
