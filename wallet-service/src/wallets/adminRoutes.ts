import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, UnreadAmount, WireAmount, readAmount, text } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { Account } from '../ledger/domain.js'
import { WalletView, toWalletView, walletExample } from '../ledger/walletView.js'
import { changeStatus, getWallet, limitBalance } from './commands.js'
import type { WalletAction } from './domain.js'

const params = z.object({ id: Id })
const admin = { tag: 'Wallets', access: ['admin'], params } as const

/** What the house may do with a user's wallet. */
export const walletAdminEndpoints = ({ now }: { now: () => Date }) => [
  action(now, 'freeze', 'Freeze a wallet: it may be paid, but pays nobody', {
    refusal: 'wallet_frozen',
    status: 'frozen',
  }),
  action(now, 'unfreeze', 'Unfreeze a wallet', { refusal: 'wallet_not_frozen', status: 'open' }),
  action(now, 'close', 'Close an empty wallet for ever', { refusal: 'wallet_not_empty', status: 'closed' }),
  ...(['put', 'patch'] as const).map(limits),
]

type Ending = { refusal: string; status: Account['status'] }

const action = (now: () => Date, name: WalletAction, summary: string, { refusal, status }: Ending) =>
  endpoint({
    ...admin,
    method: 'post',
    path: `/wallets/:id/${name}`,
    summary,
    idempotent: true,
    body: z.strictObject({ reason: text(500) }),
    view: WalletView,
    refusals: ['wallet_not_found', 'wallet_closed', refusal],
    example: {
      body: { reason: 'Asked for by the owner' },
      view: { ...walletExample, status, ...(status === 'closed' && { balance: 0, available: 0, held: 0 }) },
    },
    handle: ({ params: { id }, body: { reason }, once }) =>
      once(async (tx) => toWalletView(await changeStatus(tx, { id, action: name, reason }, now()))),
  })

const limits = (method: 'put' | 'patch') =>
  endpoint({
    ...admin,
    method,
    path: '/wallets/:id/limits',
    summary: 'Set the most that a wallet may hold; null for no limit',
    body: z.strictObject({ max_balance: UnreadAmount.nullable() }),
    view: WalletView.extend({ max_balance: WireAmount.nullable() }),
    refusals: ['wallet_not_found', 'wallet_closed'],
    example: { body: { max_balance: 50000 }, view: { ...walletExample, max_balance: 50000 } },
    handle: ({ params: { id }, body: { max_balance }, once }) =>
      once(async (tx) => {
        const { currency } = await getWallet(tx, id)
        const maxMinor = max_balance === null ? null : readAmount(max_balance, currency, ['body', 'max_balance'])
        return toLimited(await limitBalance(tx, id, maxMinor))
      }),
  })

const toLimited = (wallet: Account) => ({
  ...toWalletView(wallet),
  max_balance: wallet.postedCeilingMinor === null ? null : toWireAmount(wallet.postedCeilingMinor, wallet.currency),
})
