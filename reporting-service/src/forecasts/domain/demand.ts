import { knownOf, meanOf, meanSquareOf, type Series } from './series.js'

export type DemandClass = 'none' | 'smooth' | 'erratic' | 'intermittent' | 'lumpy'

// The borders of Syntetos, Boylan and Croston (2005), "On the categorization of demand patterns".
const GAP_BORDER = 1.32
const SPREAD_BORDER = 0.49

/** What kind of demand this is: by the mean gap between demands, and by how much their sizes differ. */
export const classOf = (series: Series): DemandClass => {
  const known = knownOf(series)
  const demands = known.filter((value) => value > 0)
  if (demands.length === 0) return 'none'
  const gap = known.length / demands.length
  const mean = meanOf(demands)
  const spread = meanSquareOf(demands.map((value) => value - mean)) / mean ** 2
  if (gap < GAP_BORDER) return spread < SPREAD_BORDER ? 'smooth' : 'erratic'
  return spread < SPREAD_BORDER ? 'intermittent' : 'lumpy'
}
