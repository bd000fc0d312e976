import type { Page } from '@countinghouse/shared/http/page'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { refuse } from '../errors.js'
import { firstVersion, nextVersion, type Making, type Offering, type ProductVersion } from './domain.js'
import { STANDARD, STANDARD_ID } from './standard.js'
import { endVersion, findCurrent, findVersion, insertVersion, listVersions } from './store.js'

/** The current version; refuses a product that is unknown or not offered any more. */
export const getCurrent = async (reads: Reads, productId = STANDARD_ID): Promise<ProductVersion> => {
  const product = await findCurrent(reads, productId)
  if (!product) throw refuse('product_not_found', { product_id: productId })
  return product
}

export const getVersion = async (reads: Reads, productId: string, version: number): Promise<ProductVersion> => {
  const product = await findVersion(reads, productId, version)
  if (!product) throw refuse('product_not_found', { product_id: productId, version })
  return product
}

/** A page of its versions, also of a product that is not offered any more. */
export const getVersions = async (
  reads: Reads,
  productId: string,
  at: Page<unknown>['at'],
): Promise<Page<ProductVersion>> => {
  const versions = await listVersions(reads, productId, at)
  if (versions.total === 0) throw refuse('product_not_found', { product_id: productId })
  return versions
}

export const addProduct = async (tx: Tx, offering: Offering, making: Making): Promise<ProductVersion> => {
  const product = firstVersion(offering, making)
  if (!(await insertVersion(tx, product))) throw refuse('product_exists', { product_id: making.productId })
  return product
}

/** The product that is always there, in its first version. */
export const addStandard = async (tx: Tx, making: Omit<Making, 'productId'>): Promise<void> => {
  await insertVersion(tx, firstVersion(STANDARD, { ...making, productId: STANDARD_ID }))
}

export type ProductChange = {
  productId: string
  change: (current: Offering) => Offering
  by: string
  at: Date
  ifMatch: number | undefined
}

/** A product is changed by its next version; loans keep the one they were made on. */
export const changeProduct = async (
  tx: Tx,
  { productId, change, ifMatch, ...making }: ProductChange,
): Promise<ProductVersion> => {
  const current = await getForChange(tx, productId, ifMatch)
  const next = nextVersion(current, change(current), making)
  await endVersion(tx, current, making.at)
  await insertVersion(tx, next)
  return next
}

/** Offers a product no more; its loans go on. */
export const withdrawProduct = async (
  tx: Tx,
  { productId, ifMatch, at }: Omit<ProductChange, 'change' | 'by'>,
): Promise<void> => {
  if (productId === STANDARD_ID) throw refuse('product_needed', { product_id: productId })
  await endVersion(tx, await getForChange(tx, productId, ifMatch), at)
}

const getForChange = async (tx: Tx, productId: string, ifMatch: number | undefined): Promise<ProductVersion> => {
  const current = await getCurrent(tx, productId)
  if (ifMatch !== undefined && ifMatch !== current.version) throw refuseCommon('version_conflict')
  return current
}
