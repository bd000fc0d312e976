export const BANDS = ['none', '1-9', '10-99', '100-999', '1000+'] as const

export const bandOf = (quantity: number): (typeof BANDS)[number] => {
  if (quantity <= 0) return 'none'
  if (quantity < 10) return '1-9'
  if (quantity < 100) return '10-99'
  return quantity < 1000 ? '100-999' : '1000+'
}
