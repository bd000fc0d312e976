/** The sizes in which an image is kept, by the longer edge in pixels; none is enlarged. */
export const IMAGE_SIZES = { thumb: 200, medium: 640, large: 1600 } as const
export type ImageSize = keyof typeof IMAGE_SIZES

export const IMAGES_MAX = 12
