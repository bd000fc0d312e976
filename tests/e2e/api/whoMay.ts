const user = 'admin customer staff vendor viewer'
const lender = 'admin staff'
const owner = 'customer vendor'

/** Who may call what, by name of operation: the first line that fits. */
const table: [operations: RegExp, who: string][] = [
  // The house itself
  [/^GET \/(healthz|readyz|config|openapi\.json|docs|swagger|\.well-known\/jwks\.json)?$/, 'public'],

  // Users
  [/^POST \/auth\/register$/, 'anyone'],
  [/^POST \/auth\/(login|refresh|token\/refresh|forgot-password|reset-password|verify-email|service-token)$/, 'public'],
  [/^(GET \/auth\/revocations|POST \/auth\/api-key-claims)$/, 'service'],
  [/^\w+ \/(auth\/|me$)/, user],
  [/^\w+ \/(users|api-keys)(\/\{id\}.*)?$/, 'admin'],

  // Own wallet, transfers, payments: owners; staff read, admins act
  [/^GET \/wallet(\/transactions)?$/, owner],
  [/^POST \/wallet\/(credit|debit)$/, 'admin service'],
  [/^GET \/transactions$/, 'admin'],
  [/^GET \/wallets\/\{id\}(\/balance)?$/, `admin customer service staff vendor`],
  [/^GET \/wallets\/\{id\}\/statement$/, `admin customer staff vendor`],
  [/^\w+ \/wallets\/\{id\}\/(freeze|unfreeze|close|limits)$/, 'admin'],
  [/^GET \/holds\/\{id\}$/, `admin customer service staff vendor`],
  [/^POST \/(transfers|holds)/, `admin customer service vendor`],

  // Money sent away, and who is told of what happens
  [/^POST \/remittances$/, owner],
  [/^PATCH \/remittances\/\{id\}$/, 'admin customer vendor'],
  [/^GET \/remittances\/\{id\}\/tracking$/, 'admin service'],
  [/^GET \/remittances/, 'admin customer staff vendor'],
  [/^\w+ \/webhook-endpoints/, 'admin customer vendor'],

  // Accounts elsewhere
  [/^GET \/users\/\{userId\}\/accounts/, user],
  [/^\w+ \/users\/\{userId\}\/accounts/, 'admin customer vendor'],
  [/^\w+ \/(account-sync|jobs)\//, `${user} service`],

  // Payments: what is disputed, and what the provider says, is for the house
  [/^POST \/webhooks\/stripe$/, 'public'],
  [/^GET \/payments\/reconciliation$/, 'admin'],
  [/^GET \/payments\/disputes/, 'admin staff'],
  [/^\w+ \/payments\/disputes/, 'admin'],
  [/^GET \/(payments|refunds)/, 'admin customer service staff vendor'],
  [/^\w+ \/(payments|refunds)/, 'admin customer service vendor'],

  // Ledger administration; that the books are sealed is for anybody to check
  [/^GET \/ledger\/checkpoints\/(latest|keys)$/, 'public'],
  [/^(GET|POST) \/ledger\/entries$/, 'admin service'],
  [/^\w+ \/ledger\//, 'admin'],

  // Loan customers and loans
  [/^GET \/customers/, `${lender} viewer`],
  [/^\w+ \/customers/, lender],
  [/^GET \/loan-products/, user],
  [/^\w+ \/loan-products/, 'admin'],
  [/^POST \/loans\/apply$/, owner],
  [/^\w+ \/loans\/admin\//, 'admin'],
  [/^GET \/loans\/\{id\}\/tracking$/, 'admin service'],
  [/^POST \/loans\/\{id\}\/(write-off|reschedule|disbursement\/retry)$/, 'admin'],
  [/^POST \/loans\/\{id\}\/(charges|waivers|write-off\/undo|recoveries)$/, 'admin'],
  [/^POST \/loans\/\{id\}\/(repayments|events)\/\{\w+\}\/reverse$/, 'admin'],
  [/^\w+ \/loans\/\{id\}\/documents/, 'admin customer staff vendor'],
  [/^POST \/loans\/\{id\}\/repayments$/, 'customer service:wallet-service vendor'],
  [/^GET \/loans/, user],
  [/^POST \/loans\/\{id\}\/withdraw$/, `admin customer staff vendor`],
  [/^(POST \/loans|PATCH \/loans\/\{id\})$/, lender],

  // Items, stock, purchases, sales, production
  [/^GET \/items/, `${lender} viewer`],
  [/^\w+ \/items/, lender],
  [/^PUT \/trade-customers\/\{id\}\/credit$/, 'admin'],
  [/^GET \/duplicates$/, 'admin viewer'],
  [/^\w+ \/duplicates\//, 'admin'],
  [/^GET \/(suppliers|purchases|blows)/, `${lender} viewer`],
  [/^\w+ \/(suppliers|purchases|blows)/, lender],
  [/^GET \/(trade-customers|sales)/, `${lender} viewer`],
  [/^\w+ \/(trade-customers|sales|approvals)/, lender],
  [/^GET \/stocks\/check$/, 'admin'],
  [/^GET \/(warehouses|stocks|stock-counts|alerts|reorder-suggestions)/, `${lender} viewer`],
  [/^\w+ \/(warehouses|stocks|stock-counts|reorder-suggestions)/, lender],
  [/^GET \/availability$/, 'anyone'],

  // The shop
  [/^GET \/products\/analytics$/, 'admin vendor'],
  [/^GET \/(categories|products|product-images)/, 'public'],
  [/^\w+ \/(categories|coupons)/, 'admin'],
  [/^POST \/products\/\{slug\}\/reviews$/, `admin ${owner}`],
  [/^\w+ \/products/, 'admin vendor'],
  [/^GET \/reviews$/, 'admin'],
  [/^\w+ \/reviews/, `admin ${owner}`],
  [/^\w+ \/carts/, 'public'],
  [/^\w+ \/cart/, owner],
  [/^PATCH \/orders\/\{number\}\/(status$|returns\/)/, 'admin'],
  [/^POST \/orders(\/create|\/\{number\}\/returns)?$/, owner],
  [/^\w+ \/orders/, `admin ${owner}`],

  // The operators' desk
  [/^\w+ \/ops\//, 'admin'],

  // Reports
  [/^\w+ \/reports\/(portfolio|ledger)(\/\w|$)/, 'admin'],
  [/^\w+ \/reports\/vendor/, 'admin staff vendor viewer'],
  [/^\w+ \/reports\//, 'admin staff viewer'],
  [/^GET \/audit(\/|$)/, 'admin'],
]

/** Who may call an operation by the table, in the order of the alphabet; undefined when no line fits. */
export const ruleFor = (name: string): string | undefined => {
  const who = table.find(([operations]) => operations.test(name))?.[1]
  return who?.split(' ').sort().join(' ')
}
