const BENCHES: Record<string, () => Promise<unknown>> = {
  ledger: () => import('./ledger.js'),
  gateway: () => import('./gateway.js'),
  loans: () => import('./loans.js'),
}

const [name = ''] = process.argv.slice(3)
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
if (!bench) {
  console.error(`Usage: npm run bench <${Object.keys(BENCHES).join('|')}>`)
  process.exit(1)
}
await bench()
