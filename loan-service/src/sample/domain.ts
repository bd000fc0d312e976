import type { LoanDecision } from '@countinghouse/shared/contracts/loan'

/** A borrower of the sample data and their one loan, amounts in whole units; one with a user has a wallet to be paid into. */
export type SampleLoan = {
  name: [first: string, last: string]
  userId?: string
  purpose: string
  amount: number
  termMonths: number
  income: number
  expenses: number
  decision: LoanDecision
}

const loan = (
  decision: LoanDecision,
  name: SampleLoan['name'],
  purpose: string,
  [amount, termMonths, income, expenses]: [number, number, number, number],
): SampleLoan => ({ decision, name, purpose, amount, termMonths, income, expenses })

/** Fifteen loans of 487,000 with an average risk score of 0.45; who changes a figure changes the report of them all. */
export const SAMPLE_LOANS: readonly SampleLoan[] = [
  { ...loan('APPROVED', ['Asha', 'Patel'], 'Home repairs', [12_000, 24, 48_000, 21_000]), userId: 'user123' },
  { ...loan('APPROVED', ['Ben', 'Okafor'], 'Workshop tools', [18_000, 36, 54_000, 27_000]), userId: 'user456' },
  loan('APPROVED', ['Carla', 'Mendes'], 'New car', [25_000, 36, 60_000, 20_000]),
  loan('APPROVED', ['Dev', 'Sharma'], 'Delivery van', [40_000, 60, 95_000, 42_000]),
  loan('APPROVED', ['Elena', 'Rossi'], 'Shop extension', [48_000, 72, 120_000, 52_000]),
  loan('APPROVED', ['Farid', 'Haddad'], 'Wedding', [30_000, 48, 72_000, 36_000]),
  loan('PENDING', ['Grace', 'Kim'], 'Kitchen', [35_000, 48, 68_000, 34_000]),
  loan('PENDING', ['Hugo', 'Lindqvist'], 'School fees', [15_000, 24, 42_000, 22_000]),
  loan('PENDING', ['Ines', 'Moreau'], 'Roof and heating', [50_000, 84, 98_000, 40_000]),
  loan('PENDING', ['Jonas', 'Weber'], 'Used car', [22_000, 36, 45_000, 26_000]),
  loan('PENDING', ['Kavya', 'Nair'], 'Medical bills', [27_000, 60, 52_000, 30_000]),
  loan('REJECTED', ['Liam', 'Murphy'], 'Boat', [45_000, 36, 52_000, 31_000]),
  loan('REJECTED', ['Mina', 'Sato'], 'Restaurant', [60_000, 24, 64_000, 30_000]),
  loan('REJECTED', ['Noor', 'Rahman'], 'Debt consolidation', [20_000, 12, 36_000, 22_000]),
  loan('REJECTED', ['Oskar', 'Nowak'], 'Motorhome', [40_000, 48, 44_000, 26_000]),
]
