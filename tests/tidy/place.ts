/** Where a file stands: `wallet-service/src/transfers/domain.ts` is the `domain` of `transfers` in `wallet-service`. */
export type Place = {
  /** The top folder: a service, `shared`, `scripts`, `tests` or `bench`. */
  home: string
  /** The folder within a service's `src`, if any. */
  feature: string | undefined
  /** The file's name without its suffixes, or the folder `domain/`, `store/` … that stands for such a file. */
  role: string
  isService: boolean
  isTest: boolean
  /** Test helpers that ship beside the code. */
  isTesting: boolean
}

const services = ['gateway', 'auth-service', 'wallet-service', 'loan-service', 'inventory-service', 'reporting-service']

export const placeOf = (path: string): Place => {
  const [home = '', , ...rest] = path.split('/')
  const feature = rest.length > 1 ? rest[0] : undefined
  return {
    home,
    feature,
    role: (rest[feature === undefined ? 0 : 1] ?? '').replace(/\..*$/, ''),
    isService: services.includes(home),
    isTest: path.endsWith('.test.ts') || home === 'tests',
    isTesting: path.includes('/testing/'),
  }
}

/** Code that runs in production. */
export const isShipped = (path: string): boolean => {
  const { home, isService, isTest, isTesting } = placeOf(path)
  return (isService || home === 'shared') && path.endsWith('.ts') && !isTest && !isTesting
}

/** Rules of the business, to which everything comes as an argument: domains, and the loan engine. */
export const isPure = (path: string): boolean => {
  const { home, feature, role, isService, isTest, isTesting } = placeOf(path)
  const isEngine = home === 'loan-service' && feature === 'engine'
  return isService && feature !== undefined && (role === 'domain' || isEngine) && !isTest && !isTesting
}

/** The tidy test itself, whose examples quote what it bans. */
export const isRuleBook = (path: string): boolean => path.startsWith('tests/tidy')
