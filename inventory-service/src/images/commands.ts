import type { Files } from '@countinghouse/shared/files/port'
import { inTransaction, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { changeCatalogue } from '../categories/store.js'
import { refuse } from '../errors.js'
import { getOwnProduct } from '../products/commands/change.js'
import type { Writer } from '../products/commands/deps.js'
import { IMAGE_SIZES, IMAGES_MAX, type ImageSize } from '../products/domain/images.js'
import { withImages, type Product, type ProductImage } from '../products/domain/product.js'
import { saveProduct } from '../products/store.js'
import { toPicture } from './processing.js'
import type { Upload } from './upload.js'

export type Deps = { db: Connection; now: () => Date; files: Files; imageMaxBytes: number }

export const IMAGE_TYPE = 'image/webp'

export const keyOf = (id: string, size: ImageSize): string => `product-images/${id}/${size}.webp`

/** Adds a picture to a product: the files first, so that no product names one that is not there. */
export const addImage = async (
  deps: Deps,
  slug: string,
  read: () => Promise<Upload>,
  by: Writer,
): Promise<ProductImage> => {
  refuseTooMany(await getOwnProduct(readsOn(deps.db), slug, by))
  const { content, alt } = await read()
  const { variants, width, height } = await toPicture(content)
  const id = uuidv7()
  for (const { size, content: body } of variants)
    await deps.files.put({ key: keyOf(id, size), contentType: IMAGE_TYPE, length: body.length, body })
  const image = { id, alt, width, height, addedAt: deps.now() }
  try {
    await inTransaction(deps.db, async (tx) => {
      const product = await lockOwn(tx, slug, by)
      refuseTooMany(product)
      await saveProduct(tx, withImages(product, [...product.images, image], deps.now()))
    })
  } catch (error) {
    await removeFiles(deps.files, id)
    throw error
  }
  return image
}

export const removeImage = async (deps: Deps, slug: string, imageId: string, by: Writer): Promise<void> => {
  await inTransaction(deps.db, async (tx) => {
    const product = await lockOwn(tx, slug, by)
    const left = product.images.filter(({ id }) => id !== imageId)
    if (left.length === product.images.length) throw refuse('image_not_found', { image_id: imageId })
    await saveProduct(tx, withImages(product, left, deps.now()))
  })
  await removeFiles(deps.files, imageId)
}

const lockOwn = async (tx: Tx, slug: string, by: Writer): Promise<Product> => {
  await changeCatalogue(tx)
  return getOwnProduct(tx, slug, by)
}

const refuseTooMany = ({ images }: Product): void => {
  if (images.length >= IMAGES_MAX) throw refuse('images_limit', { images_max: IMAGES_MAX })
}

const removeFiles = async (files: Files, id: string): Promise<void> => {
  for (const size of Object.keys(IMAGE_SIZES)) await files.remove(keyOf(id, size as ImageSize))
}
