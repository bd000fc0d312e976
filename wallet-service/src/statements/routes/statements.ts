import { instantsOf } from '@countinghouse/shared/days'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, TimeZone, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { Streamed } from '@countinghouse/shared/http/stream'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsTogether } from '@countinghouse/shared/mongo/together'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { refuse } from '../../errors.js'
import { statementCsv } from '../csv.js'
import { totalsOf, type Movement } from '../domain.js'
import { MovementView, movementExample, toMovementView } from '../movementView.js'
import { getVisibleWallet, readStatement, refuseFuture, standingBefore, type Statement } from '../reading.js'
import type { Deps } from './deps.js'

const BalanceView = z.object({ wallet_id: Id, currency: z.string(), balance: WireAmount, at: Timestamp })
const StatementView = z.object({
  wallet_id: Id,
  currency: z.string(),
  month: z.string(),
  time_zone: z.string(),
  opening_balance: WireAmount,
  total_in: WireAmount,
  total_out: WireAmount,
  closing_balance: WireAmount,
  transactions: z.array(MovementView),
})

const statementExample = {
  wallet_id: movementExample.wallet_id,
  currency: 'USD',
  month: '2026-11',
  time_zone: 'Asia/Kolkata',
  opening_balance: 25000,
  total_in: 0,
  total_out: 250,
  closing_balance: 24750,
  transactions: [movementExample],
}

const ROWS_MAX = 10_000
const access = ['customer', 'vendor', 'staff', 'admin'] as const
const Month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month, as 2026-11')
  .meta({ example: '2026-11' })
const Format = z.enum(['json', 'csv']).default('json')

export const statementEndpoints = ({ db, timeZone, now }: Deps) => [
  endpoint({
    method: 'get',
    path: '/wallets/:id/balance',
    reads: { data: 'financial', of: 'wallet' },
    summary: 'Read what was in a wallet at any moment',
    tag: 'Statements',
    access: [...access, 'service'],
    params: z.object({ id: Id }),
    query: z.object({ at: z.iso.datetime({ offset: true }).optional() }),
    view: BalanceView,
    refusals: ['wallet_not_found'],
    example: {
      view: { wallet_id: movementExample.wallet_id, currency: 'USD', balance: 24750, at: movementExample.time },
    },
    handle: async ({ params: { id }, query, caller }) => {
      const wallet = await getVisibleWallet(readsTogether(db), caller, id)
      const at = query.at === undefined ? now() : new Date(query.at)
      refuseFuture(at, 'at', now())
      const past = async () => (await standingBefore(readsOn(db), id, new Date(at.getTime() + 1))).balanceMinor
      const balanceMinor = query.at === undefined ? wallet.postedMinor : await past()
      const { currency } = wallet
      return { wallet_id: id, currency, balance: toWireAmount(balanceMinor, currency), at: at.toISOString() }
    },
  }),
  endpoint({
    method: 'get',
    path: '/wallets/:id/statement',
    reads: { data: 'financial', of: 'wallet' },
    summary: 'Read a wallet’s statement of a month',
    tag: 'Statements',
    access,
    params: z.object({ id: Id }),
    query: z.object({ month: Month, format: Format, tz: TimeZone.optional() }),
    view: StatementView,
    streams: ['text/csv'],
    refusals: ['wallet_not_found', 'statement_too_long'],
    example: { view: statementExample },
    handle: async ({ params: { id }, query: { month, format, tz = timeZone }, caller }) => {
      const wallet = await getVisibleWallet(readsTogether(db), caller, id)
      const { from, before } = monthIn(month, tz)
      refuseFuture(from, 'month', now())
      const statement = await readStatement(db, wallet, { from, before })
      if (format === 'json') return toView(statement, { month, time_zone: tz })
      const name = `statement-${id}-${month}.csv`
      const headers = { 'content-disposition': `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"` }
      return new Streamed('text/csv; charset=utf-8', statementCsv(statement, { from, before }), headers)
    },
  }),
]

const monthIn = (month: string, zone: string): { from: Date; before: Date } => {
  const [year = 0, number = 0] = month.split('-').map(Number)
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate().toString()
  const { from, before } = instantsOf({ from: `${month}-01`, to: `${month}-${last}` }, zone)
  if (!from || !before) throw new Error(`A month without days: ${month}`)
  return { from, before }
}

const toView = async (
  { wallet, opening, closing, movements }: Statement,
  month: { month: string; time_zone: string },
) => {
  const rows: Movement[] = []
  for await (const movement of movements()) {
    if (rows.push(movement) > ROWS_MAX) throw refuse('statement_too_long', { rows_max: ROWS_MAX })
  }
  const { inMinor, outMinor } = totalsOf(rows)
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, wallet.currency)
  return {
    wallet_id: wallet._id,
    currency: wallet.currency,
    ...month,
    opening_balance: wire(opening.balanceMinor),
    total_in: wire(inMinor),
    total_out: wire(outMinor),
    closing_balance: wire(closing.balanceMinor),
    transactions: rows.map(toMovementView),
  }
}
