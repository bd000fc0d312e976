import { divideRounded } from '@countinghouse/shared/money'
import { refuse } from '../errors.js'

export const BLOW_STATUSES = ['completed', 'reversed'] as const
export const COST_BASES = ['output', 'input'] as const

/** How a run was made, and what it is costed by. */
export type BlowTerms = {
  fromItemId: string
  toItemId: string
  warehouseId: string
  /** Preforms that went in, and good bottles that came out. */
  inputQuantity: number
  quantity: number
  blowCostPerUnitMinor: bigint
  /** Whether blowing is paid for good bottles or for every preform. */
  blowCostBasis: (typeof COST_BASES)[number]
  /** In hundredths of a percent: how much comes out of a normal run. Null where every loss is normal. */
  standardYieldBps: bigint | null
  notes: string | null
}

/** What a run cost; material, blowing and variance add up to what the bottles are worth in stock. */
export type BlowCosts = {
  materialCostMinor: bigint
  blowCostMinor: bigint
  /** What the bottles do not bear, because more was lost than is normal. */
  varianceMinor: bigint
  producedCostMinor: bigint
}

/** A run of the blow-moulding machine: preforms in, bottles out. */
export type Blow = BlowTerms &
  BlowCosts & {
    _id: string
    status: (typeof BLOW_STATUSES)[number]
    /** The move that brought the bottles, and names their cost layer. */
    moveId: string
    reversal: { reason: string; by: string; at: Date } | null
    currency: string
    day: string
    createdBy: string
    createdAt: Date
    updatedAt: Date
    version: number
  }

/** A preform becomes one bottle at most. */
export const assertOutput = ({ inputQuantity, quantity }: Pick<BlowTerms, 'inputQuantity' | 'quantity'>): void => {
  if (quantity > inputQuantity) throw refuse('output_above_input', { input_quantity: inputQuantity, quantity })
}

type Run = Omit<BlowTerms, 'fromItemId' | 'toItemId' | 'warehouseId' | 'notes'>

/** What a run costs, given what its preforms did. Normal loss makes the bottles dearer; loss beyond it is a variance. */
export const costOfBlow = (run: Run, materialCostMinor: bigint): BlowCosts => {
  const basis = run.blowCostBasis === 'output' ? run.quantity : run.inputQuantity
  const blowCostMinor = run.blowCostPerUnitMinor * BigInt(basis)
  const varianceMinor = lossBeyondNormal(run, materialCostMinor)
  return {
    materialCostMinor,
    blowCostMinor,
    varianceMinor,
    producedCostMinor: materialCostMinor + blowCostMinor - varianceMinor,
  }
}

// Of the material of a normal run, the bottles that should have come out as well bear nothing.
const lossBeyondNormal = ({ inputQuantity, quantity, standardYieldBps }: Run, materialCostMinor: bigint): bigint => {
  if (standardYieldBps === null) return 0n
  const normal = BigInt(inputQuantity) * standardYieldBps
  const missing = normal - BigInt(quantity) * 10_000n
  return missing > 0n ? divideRounded(materialCostMinor * missing, normal, 'half_even') : 0n
}

/** What one bottle cost, for people to read: the books keep the total alone. */
export const unitCostOf = ({ producedCostMinor, quantity }: Pick<Blow, 'producedCostMinor' | 'quantity'>): bigint =>
  divideRounded(producedCostMinor, BigInt(quantity), 'half_up')

/** Good bottles from so many preforms, in hundredths of a percent. */
export const yieldOf = ({ inputQuantity, quantity }: Pick<Blow, 'inputQuantity' | 'quantity'>): bigint =>
  inputQuantity === 0 ? 0n : divideRounded(BigInt(quantity) * 10_000n, BigInt(inputQuantity), 'half_even')

export type Reversal = { reason: string; by: string; at: Date }

export const reverseBlow = (before: Blow, reversal: Reversal): Blow => {
  if (before.status === 'reversed') throw refuse('blow_reversed', { blow_id: before._id })
  return { ...before, status: 'reversed', reversal, updatedAt: reversal.at, version: before.version + 1 }
}

type Account = 'inventory' | 'production_costs' | 'stock_variance'

/** What a run does to the accounts of the house: above zero a debit, below zero a credit. */
export const sidesOf = (costs: BlowCosts): { readonly [Name in Account]?: bigint } => ({
  inventory: costs.producedCostMinor - costs.materialCostMinor,
  production_costs: -costs.blowCostMinor,
  stock_variance: costs.varianceMinor,
})

/** The same for taking it back, when the bottles leave the stock at this cost. */
export const sidesOfReversal = (costs: BlowCosts, leavingMinor: bigint): { readonly [Name in Account]?: bigint } => ({
  inventory: costs.materialCostMinor - leavingMinor,
  production_costs: costs.blowCostMinor,
  stock_variance: leavingMinor - costs.producedCostMinor - costs.varianceMinor,
})
