import { randomBytes } from 'node:crypto'
import type { AnswerTo, Client } from '@countinghouse/client'
import { Failure } from '../kit/failure.js'
import { expectAnswer, expectEventually } from './expect.js'

export type Story = {
  /** A request whose answer a person wants to see. */
  api: Client
  /** The same requests while something is awaited, told by nobody. */
  quiet: Client
  admin: { email: string; password: string }
  /** Begins a chapter. */
  chapter: (title: string) => void
  /** Says what was found right. */
  fact: (sentence: string) => void
}

export type Told = { userId: string; loanId: string; customerToken: string; adminToken: string }

const AMOUNT = 25_000
const APPLICATION = {
  amount: '25000.00',
  term_months: 36,
  purpose: 'New car',
  income: '60000.00',
  expenses: '20000.00',
}

/** The main flow: a customer registers, borrows, is paid; each claim on the way is checked, and the first wrong one ends it. */
export const tellStory = async (story: Story): Promise<Told> => {
  const { chapter } = story
  chapter('A customer registers; a wallet opens by event')
  const { userId, customerToken } = await register(story)
  chapter('The customer applies for a loan; the risk is scored')
  const loanId = await apply(story, customerToken)
  chapter('An admin looks at the report, and approves')
  const adminToken = await login(story)
  const before = await portfolio(story, adminToken)
  await approve(story, adminToken, loanId)
  chapter('The wallet is credited, the loan becomes active, the books agree')
  await paidOut(story, { customerToken, adminToken, loanId })
  chapter('The portfolio report, projected from the event stream, shows it')
  await reported(story, adminToken, before)
  return { userId, loanId, customerToken, adminToken }
}

const register = async ({ api, quiet, fact }: Story) => {
  const email = `jane.${randomBytes(4).toString('hex')}@example.com`
  const body = {
    email,
    password: 'correct horse battery',
    role: 'customer',
    first_name: 'Jane',
    last_name: 'Doe',
  } as const
  const { user, access_token } = expectAnswer(await api.post('/auth/register', { body }), 201)
  const customerToken = String(access_token)
  const empty = { balance: 0, available: 0, status: 'open' }
  await expectEventually('The wallet did not open', () => quiet.get('/wallet', { token: customerToken }), empty)
  fact('The wallet is open and empty: 0.00')
  return { userId: user.id, customerToken }
}

const apply = async ({ api, fact }: Story, token: string): Promise<string> => {
  const call = { token, body: APPLICATION, key: randomBytes(8).toString('hex') }
  const applied = expectAnswer(await api.post('/loans/apply', call), 201, {
    status: 'APPLIED',
    risk_score: 0.2875,
  })
  fact('The loan is APPLIED with a risk score of 0.2875')
  const again = await api.post('/loans/apply', call)
  expectAnswer(again, 201, { id: applied.id })
  if (again.headers.get('idempotent-replayed') !== 'true') throw new Failure('The repeat was not recognised as one')
  fact('The same request sent again gets the same answer: still one loan')
  return applied.id
}

const login = async ({ api, admin }: Story): Promise<string> =>
  expectAnswer(await api.post('/auth/login', { body: admin }), 200).access_token

type Portfolio = { total: number; sum_amount: number; approved: number; active: number }

const portfolio = async ({ api }: Story, token: string): Promise<Portfolio> =>
  toPortfolio(expectAnswer(await api.get('/reports/portfolio', { token }), 200))

const toPortfolio = ({
  total,
  sum_amount,
  by_status,
  by_lifecycle,
}: Exclude<AnswerTo<'GET /reports/portfolio'>, string>): Portfolio => ({
  total,
  sum_amount,
  approved: by_status.APPROVED,
  active: by_lifecycle.ACTIVE,
})

const approve = async ({ api, fact }: Story, token: string, loanId: string): Promise<void> => {
  const body = { loan_id: loanId, action: 'approve', reason: 'Sound income' } as const
  const key = randomBytes(8).toString('hex')
  const approved = await api.post('/loans/admin/approve', { token, body, key })
  expectAnswer(approved, 200, { id: loanId, decision: 'APPROVED' })
  const second = await api.post('/loans/admin/approve', { token, body })
  expectAnswer(second, 409)
  fact('The decision is made once: deciding again is refused with 409')
}

type Actors = { customerToken: string; adminToken: string; loanId: string }

const paidOut = async (story: Story, { customerToken, adminToken, loanId }: Actors): Promise<void> => {
  const { api, quiet, fact } = story
  const active = { status: 'ACTIVE', decision: 'APPROVED' }
  await expectEventually(
    'The loan did not become active',
    () => quiet.get('/loans/{id}', { params: { id: loanId }, token: customerToken }),
    active,
  )
  fact('The loan is ACTIVE')
  expectAnswer(await api.get('/wallet', { token: customerToken }), 200, { balance: AMOUNT, available: AMOUNT })
  fact('The wallet holds 25,000.00')
  const query = { reference_id: loanId }
  assertOneBalancedEntry(expectAnswer(await api.get('/ledger/entries', { query, token: adminToken }), 200))
  fact('The journal has one entry for it: loans receivable 25,000.00 debit, wallet 25,000.00 credit')
  expectAnswer(await api.get('/ledger/trial-balance', { token: adminToken }), 200, { balanced: true })
  fact('The trial balance is zero')
}

type Entry = { postings: { side: 'debit' | 'credit'; amount: number }[] }

const assertOneBalancedEntry = (entries: Entry[]): void => {
  const [entry, ...others] = entries
  const sum = (side: string) =>
    entry?.postings.filter((posting) => posting.side === side).reduce((total, { amount }) => total + amount, 0)
  if (others.length === 0 && sum('debit') === AMOUNT && sum('credit') === AMOUNT) return
  throw new Failure(`Expected one entry of ${AMOUNT} on each side, but got ${JSON.stringify(entries)}`)
}

const reported = async ({ api, quiet, fact }: Story, token: string, before: Portfolio): Promise<void> => {
  const expected = { ...before, active: before.active + 1, approved: before.approved + 1 }
  const ask = async () => {
    const answer = await quiet.get('/reports/portfolio', { token })
    return answer.ok ? { ...answer, body: toPortfolio(expectAnswer(answer, 200)) } : answer
  }
  await expectEventually('The report did not follow', ask, { active: expected.active, approved: expected.approved })
  await api.get('/reports/portfolio', { token })
  fact(`${expected.active} active loans, one more than before`)
}
