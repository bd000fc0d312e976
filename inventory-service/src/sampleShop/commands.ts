import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { addCategory } from '../categories/commands.js'
import { findCategory } from '../categories/store.js'
import { addProduct } from '../products/commands/add.js'
import type { Deps } from '../products/commands/deps.js'
import { findClaimed } from '../products/store.js'
import { SAMPLE_CATEGORIES, SAMPLE_PRODUCTS, type SampleProduct } from './domain.js'

const VENDOR = { userId: 'USER-VENDOR', username: 'vendor', role: 'vendor', actor: 'user:USER-VENDOR' }

/** Categories and a vendor's products with stock; what was loaded once, and maybe deleted since, does not come again. */
export const loadSampleShop = async (deps: Deps): Promise<void> => {
  const reads = readsOn(deps.db)
  if ((await findClaimed(reads, claimIdOf(SAMPLE_PRODUCTS.at(-1)))) !== undefined) return
  for (const category of SAMPLE_CATEGORIES)
    await inTransaction(deps.db, async (tx) => {
      if (!(await findCategory(tx, category.slug))) await addCategory(tx, category, deps.now())
    })
  for (const sample of SAMPLE_PRODUCTS)
    if ((await findClaimed(reads, claimIdOf(sample))) === undefined) await offer(deps, sample)
}

const claimIdOf = (sample: SampleProduct | undefined): string => `sample:${sample?.name ?? ''}`

const offer = async (deps: Deps, sample: SampleProduct): Promise<void> => {
  const claim = { id: claimIdOf(sample), fingerprint: 'sample' }
  const answerFor = () => Promise.resolve(() => [])
  await addProduct(deps, { ...sample, vendorId: undefined, itemId: undefined }, { by: VENDOR, claim, answerFor })
}
