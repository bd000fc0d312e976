import { Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { API_BASE } from '@countinghouse/shared/http/path'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { Category } from '../categories/domain.js'
import { IMAGE_SIZES, type ImageSize } from './domain/images.js'
import { ratingOf, SELLERS, type Product, type ProductImage } from './domain/product.js'

const sizes = Object.keys(IMAGE_SIZES) as ImageSize[]

export const ImageView = z.object({
  id: Id,
  alt: z.string().nullable(),
  width: z.number().int(),
  height: z.number().int(),
  urls: z.record(z.string(), z.string()).meta({ description: 'An address for each size, good for ever' }),
})

export const ProductView = z.object({
  ...{ id: Id, slug: z.string(), name: z.string(), description: z.string().nullable() },
  ...{ category: z.number().int(), category_slug: z.string(), category_name: z.string() },
  ...{ vendor: Id, vendor_name: z.string().nullable(), seller: z.enum(SELLERS) },
  ...{ price: WireAmount, discount_price: WireAmount.nullable(), final_price: WireAmount, currency: z.string() },
  ...{ item_id: Id, stock: z.number().int(), in_stock: z.boolean() },
  images: z.array(ImageView),
  ...{ rating: z.number().nullable(), review_count: z.number().int() },
  ...{ version: z.number(), created_at: Timestamp, updated_at: Timestamp },
})

/** All but what the stock says, which is asked anew each time. */
export type UnstockedView = Omit<z.input<typeof ProductView>, 'stock' | 'in_stock'>

export const toUnstockedView = (
  product: Product,
  categories: ReadonlyMap<string, Pick<Category, 'number' | 'slug' | 'name'>>,
  currency: string,
): UnstockedView => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, currency)
  const category = categories.get(product.categoryId)
  const { _id: slug, name, description, discountPriceMinor } = product
  return {
    ...{ id: slug, slug, name, description },
    category: category?.number ?? Number(product.categoryId),
    ...{ category_slug: category?.slug ?? '', category_name: category?.name ?? '' },
    ...{ vendor: product.vendorId, vendor_name: product.vendorName, seller: product.seller },
    price: wire(product.priceMinor),
    discount_price: discountPriceMinor === null ? null : wire(discountPriceMinor),
    ...{ final_price: wire(product.finalPriceMinor), currency, item_id: product.itemId },
    images: product.images.map(toImageView),
    ...{ rating: ratingOf(product), review_count: product.ratingCount, version: product.version },
    ...{ created_at: product.createdAt.toISOString(), updated_at: product.updatedAt.toISOString() },
  }
}

export const toImageView = ({ id, alt, width, height }: ProductImage) => ({
  ...{ id, alt, width, height },
  urls: Object.fromEntries(sizes.map((size) => [size, `${API_BASE}/product-images/${id}/${size}`])),
})

export const withStock = (view: UnstockedView, available: number) => ({
  ...view,
  stock: available,
  in_stock: available > 0,
})

const imageExample = toImageView({
  ...{ id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a55', alt: 'The mug from the side' },
  ...{ width: 1600, height: 1200, addedAt: new Date(0) },
})

export const productExample = {
  ...{ id: 'blue-mug', slug: 'blue-mug', name: 'Blue mug', description: 'Holds 300 ml' },
  ...{ category: 1, category_slug: 'kitchen', category_name: 'Kitchen' },
  ...{ vendor: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a12', vendor_name: 'vendor', seller: 'vendor' },
  ...{ price: 12.5, discount_price: 9.99, final_price: 9.99, currency: 'USD' },
  ...{ item_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a31', stock: 40, in_stock: true },
  ...{ images: [imageExample], rating: 4.5, review_count: 2, version: 3 },
  ...{ created_at: '2026-11-21T09:30:00.000Z', updated_at: '2026-11-21T10:00:00.000Z' },
}
