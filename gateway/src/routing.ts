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
  /** Anybody may come; whoever shows a good token is known by it, and a stale one does not stand in the way. */
  readonly knowsGuests?: true
  /** Answered whatever else is refused. */
  readonly isHealth?: true
}

const firstSegments: Record<Destination['owner'], string> = {
  gateway: 'openapi.json swagger docs config',
  'auth-service': 'auth me users api-keys',
  'wallet-service':
    'wallet wallets transactions transfers holds ledger payments refunds webhooks webhook-endpoints remittances account-sync',
  'loan-service': 'customers loans loan-products',
  'inventory-service':
    'items suppliers trade-customers warehouses stocks stock-counts purchases sales blows duplicates approvals alerts ' +
    'reorder-suggestions availability categories products product-images reviews coupons cart carts orders',
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
  [/^\/healthz$/, { owner: 'gateway', route: '/healthz', isHealth: true }],
  [/^\/readyz$/, { owner: 'gateway', route: '/readyz', isHealth: true }],
  // A job of no service: one has to say so, and to describe the route.
  [/^\/jobs\/[^/.]+(\/|$)/, { owner: 'wallet-service', route: '/jobs' }],
  [/^\/users\/[^/]+\/accounts(\/|$)/, { owner: 'wallet-service', route: '/users/:id/accounts' }],
  [
    /^\/auth\/(login|refresh|token\/refresh|forgot-password|reset-password|verify-email|service-token)$/,
    { owner: 'auth-service', route: '/auth/login', isPublic: true },
  ],
  [/^\/ledger\/checkpoints\/(latest|keys)$/, { owner: 'wallet-service', route: '/ledger/checkpoints', isPublic: true }],
  [/^\/\.well-known\/jwks\.json$/, { owner: 'auth-service', route: '/.well-known/jwks.json', isPublic: true }],
]

// Where guests and users are served alike, by method. The catalogue is read by all and written by few; who has a cart's token has the cart.
const guestRoutes: [methods: RegExp, path: RegExp][] = [
  [/^(GET|HEAD)$/, /^\/categories(\/|$)/],
  [/^(GET|HEAD)$/, /^\/products(?!\/analytics$)(\/|$)/],
  [/^(GET|HEAD)$/, /^\/product-images\//],
  [/./, /^\/carts(\/|$)/],
  [/^POST$/, /^\/webhooks\//],
]

// The id of a job begins with the service that works on it, the path of a file with the one that keeps it, and each
// service has a desk of its own.
const NAMES_ITS_OWNER = /^(\/jobs|\/account-sync|\/files|\/ops)\/([a-z]+)[./]/
const ownerNamed = (short: string): ServiceName | undefined => SERVICES.find((name) => name === `${short}-service`)

/** Who answers a path below the API's base, whatever its query; undefined when nobody does. */
export const destinationOf = (url: string, method = 'GET'): Destination | undefined => {
  const path = url.split('?', 1)[0] ?? ''
  const destination = ownerOf(path)
  const knowsGuests = guestRoutes.some(([methods, pattern]) => pattern.test(path) && methods.test(method))
  return destination && knowsGuests ? { ...destination, knowsGuests } : destination
}

const ownerOf = (path: string): Destination | undefined => {
  const exception = exceptions.find(([pattern]) => pattern.test(path))
  if (exception) return exception[1]
  const [, route = '', short = ''] = NAMES_ITS_OWNER.exec(path) ?? []
  if (route === '') return byFirstSegment.get(path.split('/', 2)[1] ?? '')
  const owner = ownerNamed(short)
  // Who has the signed address of a file needs no token.
  return owner && { owner, route, ...(route === '/files' && { isPublic: true }) }
}
