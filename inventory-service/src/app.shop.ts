import { wantsSampleData } from '@countinghouse/shared/config'
import { createServiceClient } from '@countinghouse/shared/http/client'
import { createEmailOf } from '@countinghouse/shared/mail/recipient'
import { parseAmount } from '@countinghouse/shared/money'
import type { Migration } from '@countinghouse/shared/mongo/migrations'
import type { ServiceKit, ServiceParts } from '@countinghouse/shared/service'
import { analyticsEndpoints } from './analytics/routes.js'
import { cartEndpoints } from './carts/routes.js'
import { carts } from './carts/store.js'
import { categoryEndpoints } from './categories/routes.js'
import { catalogues, categories } from './categories/store.js'
import { shopSettingsOf, type Settings } from './config.js'
import { couponEndpoints } from './coupons/routes.js'
import { coupons, couponUses } from './coupons/store.js'
import { imageEndpoints } from './images/routes.js'
import { startImageSweeper } from './images/sweeper.js'
import type { Deps as OrderDeps, OrderRules } from './orders/commands/deps.js'
import { orderConsumers } from './orders/consumers.js'
import { createPayments } from './orders/payments.js'
import { administrationEndpoints, readingEndpoints as orderReadingEndpoints } from './orders/routes/administration.js'
import { buyingEndpoints } from './orders/routes/buying.js'
import { checkouts, orders } from './orders/store.js'
import { startOrderSweeper } from './orders/sweeper.js'
import { createFollower, type Follower } from './products/commands/stock.js'
import { productConsumers } from './products/consumers.js'
import { createProductReader } from './products/reading.js'
import { readingEndpoints } from './products/routes/reading.js'
import { writingEndpoints } from './products/routes/writing.js'
import { createMongoSearch } from './products/search/mongo.js'
import { catalogueWords } from './products/search/words.js'
import { countInCategory, products } from './products/store.js'
import { unwantedImages } from './products/unwanted.js'
import { reviewEndpoints } from './reviews/routes.js'
import { reviews } from './reviews/store.js'
import { loadSampleShop } from './sampleShop/commands.js'
import type { Stock } from './stock/stock.js'
import { createWalletPayments } from './walletPayments.js'

const shopCollections = [
  ...[categories, catalogues, products, catalogueWords, reviews, coupons, couponUses],
  ...[carts, orders, checkouts],
]

export const shopMigrations: readonly Migration[] = [
  { id: '0010-shop', collections: shopCollections },
  { id: '0011-unwanted-images', collections: [unwantedImages] },
]

/** The shop, on the same stock as the factory. */
export const shopParts = (kit: ServiceKit<Settings>, stock: Stock): ServiceParts => {
  const { db, now, redis, files, settings } = kit
  const { SHOP_IMAGE_MAX_BYTES: imageMaxBytes, SHOP_REVIEWS_MODERATED: moderated } = shopSettingsOf(settings)
  const [currency, zone] = [settings.DEFAULT_CURRENCY, settings.BUSINESS_TIMEZONE]
  const reader = createProductReader({ db, redis, search: createMongoSearch(db), currency })
  const follower = createFollower({ db })
  const deps = { ...orderDepsOf(kit, stock, follower), reader, currency, zone }
  const everyMs = Math.min(SWEEP_EVERY_MS, deps.rules.answerWithinMs)
  return {
    endpoints: [
      ...categoryEndpoints({ db, now, countProducts: countInCategory }),
      ...analyticsEndpoints(deps),
      ...readingEndpoints(deps),
      ...writingEndpoints(deps),
      ...imageEndpoints({ db, now, files, imageMaxBytes }),
      ...reviewEndpoints({ db, now, reviewsModerated: moderated === 'on' }),
      ...couponEndpoints(deps),
      ...cartEndpoints({ ...deps, terms: deps.rules.terms }),
      ...buyingEndpoints(deps),
      ...orderReadingEndpoints(deps),
      ...administrationEndpoints(deps),
    ],
    consumers: {
      'inventory.shop-stock-events': productConsumers(follower),
      'inventory.order-payment-events': orderConsumers(deps),
    },
    background: [() => startOrderSweeper({ ...deps, everyMs }), () => startImageSweeper({ ...deps, files })],
    prepare: async () => {
      if (wantsSampleData(settings)) await loadSampleShop(deps)
    },
  }
}

const SWEEP_EVERY_MS = 5_000

const orderDepsOf = (
  { db, now, log, settings, serviceToken }: ServiceKit<Settings>,
  stock: Stock,
  { follow }: Follower,
): OrderDeps => {
  return {
    ...{ db, now, log, stock, rules: orderRulesOf(settings) },
    payments: createPayments(
      createWalletPayments(createServiceClient('wallet-service', settings.WALLET_URL, serviceToken)),
    ),
    // What is ordered is ordered; the shop hears of its stock by event as well.
    followStock: (itemIds) =>
      follow(itemIds).catch((error: unknown) => {
        log.warn({ err: error }, 'The catalogue will follow the stock later')
      }),
    emailOf: createEmailOf(settings.AUTH_URL),
  }
}

const MINUTE_MS = 60_000

const orderRulesOf = (settings: Settings): OrderRules => {
  const shop = shopSettingsOf(settings)
  const currency = settings.DEFAULT_CURRENCY
  return {
    currency,
    terms: {
      taxRate: inHundredths(shop.SHOP_TAX_PERCENT),
      shippingMinor: amountOf('SHOP_SHIPPING_FEE', shop.SHOP_SHIPPING_FEE, currency),
      freeShippingFromMinor:
        shop.SHOP_FREE_SHIPPING_FROM === undefined
          ? null
          : amountOf('SHOP_FREE_SHIPPING_FROM', shop.SHOP_FREE_SHIPPING_FROM, currency),
    },
    commission: { rate: inHundredths(shop.SHOP_COMMISSION_PERCENT) },
    payWithinMs: shop.SHOP_PAY_WITHIN_MINUTES * MINUTE_MS,
    answerWithinMs: shop.SHOP_ANSWER_WITHIN_SECONDS * 1000,
    returnDays: shop.SHOP_RETURN_DAYS,
  }
}

const inHundredths = (percent: number): bigint => BigInt(Math.round(percent * 100))

const amountOf = (setting: string, text: string, currency: string): bigint => {
  const amount = parseAmount(text, currency)
  if (typeof amount !== 'bigint') throw new Error(`${setting}: ${text} is no amount in ${currency}`)
  return amount
}
