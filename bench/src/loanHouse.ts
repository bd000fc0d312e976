import type { Connection } from 'mongoose'
import { openBank } from './bank.js'
import { openCaller, type Caller } from './caller.js'
import type { Ground } from './ground.js'

export type LoanHouse = {
  db: Connection
  /** Of borrowers with a wallet. */
  customerIds: string[]
  call: Caller['call']
  stopServices(): Promise<void>
}

const CONNECTIONS = 64

/** loan-service and wallet-service as real processes, and borrowers whose wallets are open. */
export const openLoanHouse = async (ground: Ground, borrowers: number): Promise<LoanHouse> => {
  const bank = await openBank(ground)
  const db = await ground.databaseOf('loan-service')
  const wallet = await ground.start('wallet-service')
  const loan = await ground.start('loan-service', { WALLET_URL: wallet.url })
  const { call, close } = openCaller(loan.url, CONNECTIONS, ground.tokens.userToken('admin', 'bench-admin'))
  await bank.openWallets(wallet, borrowers)
  return {
    ...{ db, call },
    customerIds: await addCustomers(call, borrowers),
    stopServices: async () => {
      await close()
      await loan.stop()
      await wallet.stop()
    },
  }
}

/** Customers of the users for whom `openWallets` opens wallets. */
const addCustomers = async (call: LoanHouse['call'], count: number): Promise<string[]> => {
  const names = Array.from({ length: count }, (_, index) => `bench-user-${index}`)
  const customers = names.map((name) => ({
    ...{ first_name: 'Bench', last_name: name, email: `${name}@example.com`, user_id: name },
  }))
  const added = await Promise.all(customers.map((customer) => call<{ id: string }>('POST', '/customers', customer)))
  return added.map(({ id }) => id)
}
