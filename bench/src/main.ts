const BENCHES: Record<string, () => Promise<unknown>> = {
  ledger: () => import('./ledger.js'),
  gateway: () => import('./gateway.js'),
  loans: () => import('./loans.js'),
  stock: () => import('./stock.js'),
  shop: () => import('./shop.js'),
  accounts: () => import('./accounts.js'),
  payments: () => import('./payments.js'),
  reporting: () => import('./reporting.js'),
}

const [name = ''] = process.argv.slice(3)
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
if (!bench) {
  console.error(`Usage: npm run bench <${Object.keys(BENCHES).join('|')}>`)
  process.exit(1)
}
await bench()
