/** The services behind the gateway, in the order in which their documents are merged. */
export const SERVICES = [
  'auth-service',
  'wallet-service',
  'loan-service',
  'inventory-service',
  'reporting-service',
] as const
export type ServiceName = (typeof SERVICES)[number]

export type Destination = {
  readonly owner: ServiceName | 'gateway'
  /** How logs and metrics name the place: never with an id in it. */
  readonly route: string
  /** No token counts here, so a stale one does not stand in the way. */
  readonly isPublic?: true
}

const firstSegments: Record<Destination['owner'], string> = {
  gateway: 'healthz readyz openapi.json swagger docs',
  'auth-service': 'auth me users api-keys',
  'wallet-service':
    'wallet wallets transactions transfers holds ledger payments refunds webhooks webhook-endpoints remittances account-sync',
  'loan-service': 'customers loans loan-products',
  'inventory-service':
    'items suppliers trade-customers warehouses stocks stock-counts purchases sales blows approvals alerts ' +
    'reorder-suggestions availability categories products reviews cart orders',
  'reporting-service': 'reports audit',
}

const byFirstSegment = new Map<string, Destination>(
  Object.entries(firstSegments).flatMap(([owner, segments]) =>
    segments.split(' ').map((segment) => [segment, { owner: owner as Destination['owner'], route: `/${segment}` }]),
  ),
)

// What the first segment alone does not tell.
const exceptions: [RegExp, Destination][] = [
  [/^\/$/, { owner: 'gateway', route: '/' }],
  [/^\/users\/[^/]+\/accounts(\/|$)/, { owner: 'wallet-service', route: '/users/:id/accounts' }],
  [/^\/auth\/(login|refresh|token\/refresh)$/, { owner: 'auth-service', route: '/auth/login', isPublic: true }],
  [/^\/\.well-known\/jwks\.json$/, { owner: 'auth-service', route: '/.well-known/jwks.json', isPublic: true }],
]

/** Who answers a path below the API's base, whatever its query; undefined when nobody does. */
export const destinationOf = (url: string): Destination | undefined => {
  const path = url.split('?', 1)[0] ?? ''
  const exception = exceptions.find(([pattern]) => pattern.test(path))
  return exception?.[1] ?? byFirstSegment.get(path.split('/', 2)[1] ?? '')
}
