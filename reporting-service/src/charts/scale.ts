/** Round ticks, and where a value stands between the lowest (0) and the highest (1) of them. */
export type Scale = { readonly ticks: readonly number[]; place(value: number): number }

// What differs by less looks the same, and is too small to be counted with.
const LEAST = 1e-9

/** A scale with round ticks (1, 2 or 5 times a power of ten) that holds all values, and zero. */
export const scaleFor = (values: readonly number[], wanted = 5): Scale => {
  const low = Math.min(0, ...values)
  const top = Math.max(0, ...values)
  const high = top - low < LEAST ? low + 1 : top
  const step = roundStep((high - low) / wanted)
  const first = Math.floor(low / step)
  const last = Math.max(Math.ceil(high / step), first + 1)
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => roundAt((first + index) * step))
  return { ticks, place: (value) => (value / step - first) / (last - first) }
}

// Three times 0.2 is 0.6.
const roundAt = (value: number): number => Number(value.toPrecision(12))

const roundStep = (rough: number): number => {
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough * (1 - 1e-9)) ?? 10
  return factor * power
}

const UNITS: readonly (readonly [from: number, divisor: number, suffix: string])[] = [
  [1e9, 1e9, 'B'],
  [1e6, 1e6, 'M'],
  [1e4, 1e3, 'k'],
]

/** A number as short as it can be said beside an axis. */
export const shortNumber = (value: number): string => {
  const [, divisor = 1, suffix = ''] = UNITS.find(([from]) => Math.abs(value) >= from) ?? []
  return Number((value / divisor).toPrecision(4)).toString() + suffix
}
