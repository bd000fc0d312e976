import { randomBytes } from 'node:crypto'
import type { Access, Endpoint } from '@countinghouse/shared/http/endpoint'
import type { UserCaller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { z } from 'zod'
import {
  addToCart,
  anonymousCartId,
  beginCart,
  changeInCart,
  emptyOut,
  getCart,
  ownCartId,
  removeFromCart,
  takeOver,
  useCoupon,
  type Deps,
} from './commands.js'
import { QUANTITY_MAX, type Cart } from './domain/cart.js'
import { cartExample, CartView, toCartView } from './view.js'

const tag = 'Cart'
const Token = z.string().regex(/^[\w-]{16,64}$/, 'is not the token of a cart')
const quantity = z.number().int().min(1).max(QUANTITY_MAX)
const product = z.string().min(1).max(100)
const example = { view: cartExample }
const limits = ['cart_quantity_limit', 'cart_lines_limit']

/** Two kinds of carts with the same routes: that of a user, and those of whoever has their token. */
type Home = {
  base: string
  access: Access
  params: z.ZodObject
  idOf: (request: { params: Record<string, unknown>; user: UserCaller }) => string
  refusals: string[]
}

const own: Home = {
  ...{ base: '/cart', access: ['customer', 'vendor'], params: z.object({}), refusals: [] },
  idOf: ({ user }) => ownCartId(user.userId),
}

const anonymous: Home = {
  ...{ base: '/carts/:token', access: 'public', params: z.object({ token: Token }), refusals: ['cart_not_found'] },
  idOf: ({ params }) => anonymousCartId(String(params['token'])),
}

export const cartEndpoints = (deps: Deps): Endpoint[] => [
  beginEndpoint(deps),
  mergeEndpoint(deps),
  ...[own, anonymous].flatMap((home) => [
    ...wholeEndpoints(deps, home),
    ...itemEndpoints(deps, home),
    ...couponEndpoints(deps, home),
  ]),
]

const shownBy = (deps: Deps) => async (cart: Promise<Cart>) => toCartView(deps, await cart)

const beginEndpoint = (deps: Deps) =>
  endpoint({
    method: 'post',
    path: '/carts',
    summary: 'Begin a cart without logging in; its token is the way to it',
    ...{ tag, access: 'public', status: 201 },
    view: z.object({ token: Token, cart: CartView }),
    example: { view: { token: 'n4bQgYhMfWWaL_qgxVrQFaO_TxsrC4Is', cart: { ...cartExample, items: [], version: 0 } } },
    handle: async () => {
      const token = randomBytes(24).toString('base64url')
      return { token, cart: await shownBy(deps)(beginCart(deps, anonymousCartId(token))) }
    },
  })

const mergeEndpoint = (deps: Deps) =>
  endpoint({
    method: 'post',
    path: '/cart/merge',
    summary: 'Take over what was put into a cart before the login',
    ...{ tag, access: ['customer', 'vendor'] },
    body: z.strictObject({ token: Token }),
    view: CartView,
    refusals: ['cart_not_found'],
    example: { ...example, body: { token: 'n4bQgYhMfWWaL_qgxVrQFaO_TxsrC4Is' } },
    handle: ({ user, body }) => shownBy(deps)(takeOver(deps, ownCartId(user.userId), body.token)),
  })

const wholeEndpoints = (deps: Deps, { base, access, params, idOf, refusals }: Home) => [
  endpoint({
    method: 'get',
    path: base,
    summary: 'Read the cart, at the prices of now',
    ...{ tag, access, params, view: CartView, refusals, example },
    handle: (request) => shownBy(deps)(getCart(deps, idOf(request))),
  }),
  endpoint({
    method: 'delete',
    path: base,
    summary: 'Empty the cart',
    ...{ tag, access, params, refusals, status: 204 as const },
    view: z.void(),
    handle: async (request) => {
      await emptyOut(deps, idOf(request))
    },
  }),
]

const itemEndpoints = (deps: Deps, { base, access, params, idOf, refusals }: Home) => [
  endpoint({
    method: 'post',
    path: `${base}/items`,
    summary: 'Put a product into the cart',
    ...{ tag, access, params, status: 201 },
    body: z.strictObject({ product, quantity: quantity.default(1) }),
    view: CartView,
    refusals: [...refusals, 'product_not_found', ...limits],
    example: { ...example, body: { product: 'blue-mug', quantity: 2 } },
    handle: (request) => shownBy(deps)(addToCart(deps, { id: idOf(request), ...request.body })),
  }),
  endpoint({
    method: 'patch',
    path: `${base}/items/:id`,
    summary: 'Change how many of a product the cart has',
    ...{ tag, access },
    params: params.extend({ id: product }),
    body: z.strictObject({ quantity }),
    view: CartView,
    refusals: [...refusals, 'product_not_found', 'cart_item_not_found', ...limits],
    example: { ...example, body: { quantity: 2 } },
    handle: (request) => {
      const asked = { id: idOf(request), product: String(request.params['id']), quantity: request.body.quantity }
      return shownBy(deps)(changeInCart(deps, asked))
    },
  }),
  endpoint({
    method: 'delete',
    path: `${base}/items/:id`,
    summary: 'Take a product out of the cart',
    ...{ tag, access, status: 204 },
    params: params.extend({ id: product }),
    view: z.void(),
    refusals: [...refusals, 'cart_item_not_found'],
    handle: async (request) => {
      await removeFromCart(deps, idOf(request), String(request.params['id']))
    },
  }),
]

const couponEndpoints = (deps: Deps, { base, access, params, idOf, refusals }: Home) => [
  endpoint({
    method: 'put',
    path: `${base}/coupon`,
    summary: 'Use a coupon; null for none',
    ...{ tag, access, params },
    body: z.strictObject({ code: z.string().max(40).nullable() }),
    view: CartView,
    refusals: [...refusals, 'coupon_not_found'],
    example: { ...example, body: { code: 'WELCOME10' } },
    handle: (request) => shownBy(deps)(useCoupon(deps, idOf(request), request.body.code)),
  }),
]
