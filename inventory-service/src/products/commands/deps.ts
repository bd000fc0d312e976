import type { Connection } from 'mongoose'
import type { Stock } from '../../stock/stock.js'

export type Deps = { db: Connection; now: () => Date; stock: Stock }

/** Who writes about products. */
export type Writer = { userId: string; username: string; role: string; actor: string }
