import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { createFileStore } from '@countinghouse/shared/files/store'
import { uuidv7 } from '@countinghouse/shared/uuid'
import request from 'supertest'
import sharp from 'sharp'
import { openShop, type Shop } from '../testing/shop.js'
import { removeUnwanted } from './commands.js'

const FILES_FOLDER = join(tmpdir(), `files-${uuidv7()}`)
const ownFolder = join(FILES_FOLDER, 'inventory')

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ SHOP_IMAGE_MAX_BYTES: 1_000_000, FILES_FOLDER })
})
afterAll(() => shop.close())

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#3366cc' } })
const upload = (slug: string, content: Buffer, userId = 'vera', filename = 'mug.jpg') =>
  request(shop.url)
    .post(`/products/${slug}/images`)
    .set('authorization', `Bearer ${shop.tokens.userToken('vendor', userId)}`)
    .field('alt', 'From the side')
    .attach('image', content, filename)

test('an image is turned upright, stripped of what the camera noted and kept in sizes that are cached for ever', async () => {
  const { slug } = await shop.offer()
  const photo = await picture(900, 600)
    .withMetadata({ orientation: 6, exif: { IFD0: { Artist: 'A name' } } })
    .jpeg()
    .toBuffer()
  const added = await upload(slug, photo)
  expect(added.status).toBe(201)
  expect(added.body).toMatchObject({ alt: 'From the side', width: 600, height: 900 })
  const { urls } = added.body as { urls: Record<string, string> }
  for (const [size, height] of [
    ['thumb', 200],
    ['medium', 640],
    ['large', 900],
  ] as const) {
    const shown = await shop.visit(urls[size] ?? '').buffer(true)
    expect([shown.status, shown.headers['content-type']]).toEqual([200, 'image/webp'])
    expect(shown.headers['cache-control']).toContain('immutable')
    const facts = await sharp(shown.body as Buffer).metadata()
    expect([facts.format, facts.height, facts.exif, facts.orientation]).toEqual(['webp', height, undefined, undefined])
  }
  const product = await shop.visit(`/products/${slug}`)
  expect(product.body).toMatchObject({ images: [{ urls }] })
  const { id } = added.body as { id: string }
  const remove = (userId: string) => shop.call('delete', `/products/${slug}/images/${id}`, { role: 'vendor', userId })
  expect((await remove('victor')).status).toBe(403)
  expect((await remove('vera')).status).toBe(204)
  expect((await shop.visit(urls['thumb'] ?? '')).status).toBe(404)
  expect((await shop.visit(`/products/${slug}/images`)).body).toEqual([])
})

test('what is no image, is damaged, too large, too many pixels or another’s is refused', async () => {
  const { slug } = await shop.offer()
  const png = await picture(40, 40).png().toBuffer()
  const refused = async (content: Buffer, userId?: string) => (await upload(slug, content, userId)).body as object
  expect(await refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toMatchObject({
    status: 415,
    code: 'image_type_unknown',
  })
  expect(await refused(png.subarray(0, 60))).toMatchObject({ status: 422, code: 'image_unreadable' })
  expect(await refused(Buffer.alloc(1_000_001, 1))).toMatchObject({ status: 413 })
  expect(await refused(await picture(9_000, 9_000).png({ compressionLevel: 9 }).toBuffer())).toMatchObject({
    status: 422,
    code: 'image_too_large',
  })
  expect(await refused(png, 'victor')).toMatchObject({ status: 403 })
  const json = await shop.call('post', `/products/${slug}/images`, {
    role: 'vendor',
    userId: 'vera',
    body: { image: 'x' },
  })
  expect(json.status).toBe(415)
  const empty = await request(shop.url)
    .post(`/products/${slug}/images`)
    .set('authorization', `Bearer ${shop.tokens.userToken('vendor', 'vera')}`)
    .field('alt', 'nothing')
  expect(empty.body).toMatchObject({ status: 400, code: 'upload_malformed' })
})

test('no file stays of a product that is deleted, nor of an upload whose process died before a product named it', async () => {
  const stored = async () => {
    const found = await readdir(join(ownFolder, 'objects'), { recursive: true }).catch(() => [])
    return found.filter((name) => name.endsWith('.webp')).length
  }
  const sweepAt = (now: Date) => removeUnwanted({ db: shop.db, now: () => now, files: createFileStore(ownFolder) })
  const [before, png] = [await stored(), await picture(40, 40).png().toBuffer()]
  const [kept, dropped] = [await shop.offer(), await shop.offer()]
  for (const { slug } of [kept, dropped]) expect((await upload(slug, png)).status).toBe(201)
  watchFaultPoints((name) => {
    if (name === 'image:stored') throw new Error('Crash')
  })
  expect((await upload(kept.slug, png)).status).toBe(500)
  watchFaultPoints(undefined)
  expect(await stored()).toBe(before + 9)
  await shop.call('delete', `/products/${dropped.slug}`, { role: 'vendor', userId: 'vera' })
  await sweepAt(new Date())
  expect(await stored()).toBe(before + 6)
  await sweepAt(new Date(Date.now() + 2 * 3_600_000))
  expect(await stored()).toBe(before + 3)
  const shown = (await shop.visit(`/products/${kept.slug}/images`)).body as { urls: Record<string, string> }[]
  expect((await shop.visit(shown[0]?.urls['thumb'] ?? '')).status).toBe(200)
})
