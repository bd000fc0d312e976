import { faultPoint } from '@countinghouse/shared/fault'
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
import { findUnwanted, unwant, unwantedImages } from '../products/unwanted.js'
import { toPicture } from './processing.js'
import type { Upload } from './upload.js'

export type Filing = { db: Connection; now: () => Date; files: Pick<Files, 'remove'> }
export type Deps = Filing & { files: Files; imageMaxBytes: number }

export const IMAGE_TYPE = 'image/webp'

export const keyOf = (id: string, size: ImageSize): string => `product-images/${id}/${size}.webp`

// Longer than any upload takes.
const UNNAMED_FOR_MS = 3_600_000

/**
 * Adds a picture to a product: the files first, so that no product names one that is not there. Until one names it, it is
 * unwanted, and so whatever a death leaves behind is found and goes.
 */
export const addImage = async (
  deps: Deps,
  slug: string,
  read: () => Promise<Upload>,
  by: Writer,
): Promise<ProductImage> => {
  const { db, files, now } = deps
  refuseTooMany(await getOwnProduct(readsOn(db), slug, by))
  const { content, alt } = await read()
  const { variants, width, height } = await toPicture(content)
  const id = uuidv7()
  await inTransaction(db, (tx) => unwant(tx, [id], new Date(now().getTime() + UNNAMED_FOR_MS)))
  for (const { size, content: body } of variants)
    await files.put({ key: keyOf(id, size), contentType: IMAGE_TYPE, length: body.length, body })
  faultPoint('image:stored')
  const image = { id, alt, width, height, addedAt: now() }
  await inTransaction(db, async (tx) => {
    const product = await lockOwn(tx, slug, by)
    refuseTooMany(product)
    await saveProduct(tx, withImages(product, [...product.images, image], now()))
    if ((await tx.remove(unwantedImages, { _id: id })) === 0)
      throw new Error(`The files of image ${id} are gone already`)
  })
  return image
}

export const removeImage = async (deps: Deps, slug: string, imageId: string, by: Writer): Promise<void> => {
  await inTransaction(deps.db, async (tx) => {
    const product = await lockOwn(tx, slug, by)
    const left = product.images.filter(({ id }) => id !== imageId)
    if (left.length === product.images.length) throw refuse('image_not_found', { image_id: imageId })
    await saveProduct(tx, withImages(product, left, deps.now()))
    await unwant(tx, [imageId], deps.now())
  })
  // It is gone already; what fails here is tried again by the sweeper.
  await removeFiles(deps, imageId).catch(() => undefined)
}

const BATCH_MAX = 100

/** Removes the files of images that no product names, and notes it when they are gone; answers whether there may be more. */
export const removeUnwanted = async (deps: Filing): Promise<boolean> => {
  const found = await findUnwanted(readsOn(deps.db), deps.now(), BATCH_MAX)
  for (const { _id } of found) await removeFiles(deps, _id)
  return found.length === BATCH_MAX
}

const removeFiles = async ({ db, files }: Filing, _id: string): Promise<void> => {
  for (const size of Object.keys(IMAGE_SIZES)) await files.remove(keyOf(_id, size as ImageSize))
  await inTransaction(db, (tx) => tx.remove(unwantedImages, { _id }))
}

const lockOwn = async (tx: Tx, slug: string, by: Writer): Promise<Product> => {
  await changeCatalogue(tx)
  return getOwnProduct(tx, slug, by)
}

const refuseTooMany = ({ images }: Product): void => {
  if (images.length >= IMAGES_MAX) throw refuse('images_limit', { images_max: IMAGES_MAX })
}
