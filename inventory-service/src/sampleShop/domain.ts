export type SampleProduct = {
  name: string
  description: string
  category: string
  priceMinor: bigint
  discountPriceMinor: bigint | null
  stock: number
}

export const SAMPLE_CATEGORIES = [
  { slug: 'kitchen', name: 'Kitchen', description: 'What stands on the table' },
  { slug: 'drinks', name: 'Drinks', description: 'Bottled at the house' },
  { slug: 'garden', name: 'Garden', description: null },
] as const

const product = (
  name: string,
  category: string,
  [price, discount]: [number, number?],
  stock: number,
  description: string,
): SampleProduct => ({
  ...{ name, category, stock, description, priceMinor: BigInt(price) },
  discountPriceMinor: discount === undefined ? null : BigInt(discount),
})

export const SAMPLE_PRODUCTS: readonly SampleProduct[] = [
  product('Blue mug', 'kitchen', [1250, 999], 40, 'Stoneware, holds 300 ml'),
  product('Oak serving board', 'kitchen', [3400], 15, 'Oiled, 40 by 25 cm'),
  product('Crème brûlée dish', 'kitchen', [890], 60, 'Takes the broiler, 12 cm across'),
  product('Spring water 1 l', 'drinks', [150], 500, 'Still, in a glass bottle'),
  product('Ginger lemonade 500 ml', 'drinks', [280, 250], 240, 'With lemons from the coast'),
  product('Watering can', 'garden', [2799], 12, 'Galvanised, 8 litres'),
]
