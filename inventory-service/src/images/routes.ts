import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery } from '@countinghouse/shared/http/fields'
import { Page } from '@countinghouse/shared/http/page'
import { Streamed } from '@countinghouse/shared/http/stream'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { refuse } from '../errors.js'
import { getProduct } from '../products/commands/change.js'
import { IMAGE_SIZES, type ImageSize } from '../products/domain/images.js'
import { ImageView, productExample, toImageView } from '../products/view.js'
import { addImage, IMAGE_TYPE, keyOf, removeImage, type Deps } from './commands.js'
import { readUpload } from './upload.js'

const tag = 'Product images'
const access = ['vendor', 'admin'] as const
const params = z.object({ slug: z.string().max(100) })
const sizes = Object.keys(IMAGE_SIZES) as [ImageSize, ...ImageSize[]]
const [example] = productExample.images

const form = {
  mediaType: 'multipart/form-data',
  schema: {
    type: 'object',
    required: ['image'],
    properties: { image: { type: 'string', format: 'binary' }, alt: { type: 'string', maxLength: 200 } },
  },
}

export const imageEndpoints = (deps: Deps) => [...readingEndpoints(deps), ...writingEndpoints(deps)]

const readingEndpoints = ({ db, files }: Deps) => [
  endpoint({
    method: 'get',
    path: '/products/:slug/images',
    summary: 'List the images of a product, in the order in which it shows them',
    tag,
    access: 'public',
    conditional: true,
    params,
    query: z.object(pageQuery),
    view: ImageView,
    list: true,
    refusals: ['product_not_found'],
    example: { view: [example] },
    handle: async ({ params: { slug }, query }) => {
      const { images } = await getProduct(readsOn(db), slug)
      const from = (query.page - 1) * query.page_size
      return new Page(images.slice(from, from + query.page_size).map(toImageView), images.length, query)
    },
  }),
  endpoint({
    method: 'get',
    path: '/product-images/:id/:size',
    summary: 'An image in one of its sizes; what an address gives never changes',
    tag,
    access: 'public',
    params: z.object({ id: z.uuid(), size: z.enum(sizes) }),
    view: z.string(),
    streams: [IMAGE_TYPE],
    refusals: ['image_not_found'],
    handle: async ({ params: { id, size } }) => {
      const body = await files.get(keyOf(id, size))
      if (!body) throw refuse('image_not_found', { image_id: id })
      return new Streamed(IMAGE_TYPE, body, { 'cache-control': 'public, max-age=31536000, immutable' })
    },
  }),
]

const writingEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/products/:slug/images',
    summary: 'Add an image (JPEG, PNG, WebP or AVIF) to a product',
    tag,
    access,
    status: 201,
    params,
    takes: form,
    view: ImageView,
    refusals: [
      ...['product_not_found', 'upload_malformed', 'image_type_unknown', 'image_too_large', 'image_unreadable'],
      'images_limit',
    ],
    example: { view: example },
    handle: async ({ params: { slug }, user, incoming }) => {
      const by = { ...user, actor: actorOf(user) }
      return toImageView(await addImage(deps, slug, () => readUpload(incoming, deps.imageMaxBytes), by))
    },
  }),
  endpoint({
    method: 'delete',
    path: '/products/:slug/images/:imageId',
    summary: 'Remove an image of a product',
    tag,
    access,
    status: 204,
    params: params.extend({ imageId: Id }),
    view: z.void(),
    refusals: ['product_not_found', 'image_not_found'],
    handle: ({ params: { slug, imageId }, user }) =>
      removeImage(deps, slug, imageId, { ...user, actor: actorOf(user) }),
  }),
]
