import { actorOf, type UserCaller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, nonNegativeAmountIn, text } from '@countinghouse/shared/http/fields'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { refuse } from '../../errors.js'
import { addProduct } from '../commands/add.js'
import { deleteProduct, editProduct, getOwnProduct } from '../commands/change.js'
import type { Deps as CommandDeps, Writer } from '../commands/deps.js'
import { setStock } from '../commands/stock.js'
import type { Product } from '../domain/product.js'
import type { ProductReader } from '../reading.js'
import { productExample, ProductView } from '../view.js'

export type Deps = CommandDeps & { reader: ProductReader; currency: string }

const tag = 'Products'
const access = ['vendor', 'admin'] as const
const params = z.object({ slug: z.string().max(100) })
const STOCK_MAX = 1_000_000_000
const stock = z.number().int().min(0).max(STOCK_MAX)
const changeRefusals = [
  ...['product_not_found', 'category_not_found', 'discount_not_below_price', 'stock_of_shared_item'],
  ...['version_conflict', 'insufficient_stock', 'stock_busy'],
]

const fieldsIn = (currency: string) => ({
  name: text(200),
  description: text(5000).nullable(),
  category: z
    .union([z.number().int().min(1), text(100)])
    .transform(String)
    .meta({ example: 1 }),
  price: nonNegativeAmountIn(currency),
  discount_price: nonNegativeAmountIn(currency).nullable(),
})

const bodiesIn = (currency: string) => {
  const fields = fieldsIn(currency)
  const whole = {
    ...fields,
    description: fields.description.default(null),
    discount_price: fields.discount_price.default(null),
  }
  return {
    add: z.strictObject({ ...whole, stock: stock.optional(), item_id: Id.optional(), vendor: Id.optional() }),
    replace: z.strictObject({ ...whole, stock: stock.optional() }),
    change: z.strictObject({ ...fields, stock }).partial(),
  }
}

const exampleBody = {
  ...{ name: 'Blue mug', description: 'Holds 300 ml', category: 1, price: 12.5, discount_price: 9.99, stock: 40 },
}

const writerOf = (user: UserCaller): Writer => ({ ...user, actor: actorOf(user) })

export const writingEndpoints = (deps: Deps) => [
  ...['/products', '/products/create'].map((path) => addingEndpoint(deps, path)),
  ...['/products/:slug', '/products/:slug/update'].flatMap((path) => [
    changingEndpoint(deps, 'put', path),
    changingEndpoint(deps, 'patch', path),
  ]),
  ...['/products/:slug', '/products/:slug/delete'].map((path) => deletingEndpoint(deps, path)),
]

const addingEndpoint = (deps: Deps, path: string) =>
  endpoint({
    method: 'post',
    path,
    aliasOf: '/products',
    summary: 'Offer a product; without an item of the factory it gets one of its own',
    ...{ tag, access, status: 201, idempotent: true },
    body: bodiesIn(deps.currency).add,
    view: ProductView,
    refusals: [
      'category_not_found',
      'item_not_found',
      'discount_not_below_price',
      'stock_of_shared_item',
      'stock_busy',
    ],
    example: { body: exampleBody, view: productExample },
    handle: ({ body, user, claim, answering }) =>
      answering(async (answerWrites) => {
        const { price, discount_price, item_id: itemId, vendor: vendorId, stock: quantity, ...fields } = body
        const amounts = { priceMinor: price, discountPriceMinor: discount_price }
        const asked = { ...fields, ...amounts, itemId, vendorId, stock: quantity }
        const answerFor = async (product: Product) => {
          const viewOf = await deps.reader.viewOf(product)
          return (available: number) => answerWrites(viewOf(available))
        }
        const { product, available } = await addProduct(deps, asked, { by: writerOf(user), claim, answerFor })
        return (await deps.reader.viewOf(product))(available)
      }),
  })

const changingEndpoint = (deps: Deps, method: 'put' | 'patch', path: string) =>
  endpoint({
    method,
    path,
    aliasOf: '/products/:slug',
    summary: method === 'put' ? 'Replace what is said of a product' : 'Change a product, its price or its stock',
    ...{ tag, access },
    params,
    body: bodiesIn(deps.currency)[method === 'put' ? 'replace' : 'change'] as ReturnType<typeof bodiesIn>['change'],
    view: ProductView,
    refusals: changeRefusals,
    example: { body: method === 'put' ? exampleBody : { discount_price: 9.99 }, view: productExample },
    handle: async ({ params: { slug }, body: { stock: wanted, ...fields }, user, ifMatch }) => {
      const by = writerOf(user)
      const changed = await inTransaction(deps.db, async (tx) => {
        const product = await getOwnProduct(tx, slug, by)
        if (wanted !== undefined && !product.ownsItem) throw refuse('stock_of_shared_item', { item_id: product.itemId })
        return editProduct(tx, { slug, changes: toChanges(fields), ifMatch }, by, deps.now())
      })
      const stocked = wanted === undefined ? changed : await setStock(deps, changed, { wanted, actor: by.actor })
      return deps.reader.detailOf(stocked)
    },
  })

type ChangeBody = Omit<z.output<ReturnType<typeof bodiesIn>['change']>, 'stock'>

const toChanges = ({ name, description, category, price, discount_price }: ChangeBody) => ({
  ...(name !== undefined && { name }),
  ...(description !== undefined && { description }),
  ...(category !== undefined && { category }),
  ...(price !== undefined && { priceMinor: price }),
  ...(discount_price !== undefined && { discountPriceMinor: discount_price }),
})

const deletingEndpoint = (deps: Deps, path: string) =>
  endpoint({
    method: 'delete',
    path,
    summary: 'Take a product out of the shop',
    ...{ tag, access, status: 204 },
    params,
    view: z.void(),
    refusals: ['product_not_found'],
    handle: async ({ params: { slug }, user }) => {
      await inTransaction(deps.db, (tx) => deleteProduct(tx, slug, writerOf(user), deps.now()))
    },
  })
