import { productRated } from '@countinghouse/shared/contracts/shop'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Product } from '../products/domain/product.js'

export const toProductRated = (product: Product, version: number, now: Date): Envelope =>
  newEvent(productRated, product._id, {
    ...{ product: product._id, name: product.name, item_id: product.itemId, vendor_id: product.vendorId },
    ...{ seller: product.seller, rating_sum: product.ratingSum, rating_count: product.ratingCount },
    ...{ version, occurred_at: now.toISOString() },
  })
