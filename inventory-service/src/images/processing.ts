import { fileTypeFromBuffer } from 'file-type'
import sharp from 'sharp'
import { refuse } from '../errors.js'
import { IMAGE_SIZES, type ImageSize } from '../products/domain/images.js'

const TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif']
// A small file can hold a picture that fills the memory.
const PIXELS_MAX = 50_000_000
const QUALITY = 82

export type Picture = { width: number; height: number; variants: { size: ImageSize; content: Buffer }[] }

/** Makes every size of an uploaded picture: upright, without what cameras note about place and owner. */
export const toPicture = async (upload: Buffer): Promise<Picture> => {
  // By its first bytes: neither the name nor the announced type can be trusted.
  const type = await fileTypeFromBuffer(upload)
  if (!type || !TYPES.includes(type.mime)) throw refuse('image_type_unknown')
  try {
    return await resized(upload)
  } catch (error) {
    if (String(error).includes('pixel limit')) throw refuse('image_too_large', { pixels_max: PIXELS_MAX })
    throw refuse('image_unreadable')
  }
}

const resized = async (upload: Buffer): Promise<Picture> => {
  const variants: Picture['variants'] = []
  let largest = { width: 0, height: 0 }
  for (const [size, edge] of Object.entries(IMAGE_SIZES)) {
    const { data, info } = await sharp(upload, { limitInputPixels: PIXELS_MAX, failOn: 'error' })
      .rotate()
      .resize({ width: edge, height: edge, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: QUALITY })
      .toBuffer({ resolveWithObject: true })
    variants.push({ size: size as ImageSize, content: data })
    if (info.width >= largest.width) largest = { width: info.width, height: info.height }
  }
  return { ...largest, variants }
}
