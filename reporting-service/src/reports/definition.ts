import type { Role } from '@countinghouse/shared/contracts/auth'
import type { Column, Row } from '@countinghouse/shared/documents/table'
import type { Reading } from '@countinghouse/shared/http/endpoint'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { z } from 'zod'
import type { Chart } from '../charts/chart.js'
import type { Period } from '../period.js'

/** What a report is made of: the data as projected, and what was asked for. */
export type ReportContext = {
  readonly reads: Reads
  readonly period: Period
  readonly from: string | undefined
  readonly to: string | undefined
  readonly tz: string
  /** The business day on which the report is made, in the zone asked for. */
  readonly today: string
  readonly now: Date
  readonly currency: string
  /** The parameters that this report has of its own. */
  readonly params: Readonly<Record<string, string | undefined>>
  readonly caller: { readonly role: Role | undefined; readonly userId: string | undefined }
}

/** Figures stand for the whole, rows make it up. */
export type Figures = { readonly figures: Row; readonly rows: readonly Row[] }

export type Report = {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly access: readonly Role[]
  /** False for those that are always current. */
  readonly cached: boolean
  /** True when a vendor or another caller sees rows of their own only. */
  readonly perCaller?: boolean
  /** Columns that say who somebody is: those who only read see them masked. */
  readonly personal?: readonly string[]
  readonly params?: z.ZodRawShape
  readonly figures: readonly Column[]
  readonly columns: readonly Column[]
  readonly example: { readonly figures: object; readonly row: object }
  compute(context: ReportContext): Promise<Figures>
  chart?(result: Figures, context: ReportContext): Promise<Chart> | Chart
}

/** Its own columns say what in it is personal, so it is no more than financial to the rest. */
export const readingOf = ({ name }: Report): Reading => ({ data: 'financial', of: 'report', is: name })

export const text = (key: string, title: string): Column => ({ key, title, kind: 'text' })
export const money = (key: string, title: string): Column => ({ key, title, kind: 'money' })
export const count = (key: string, title: string): Column => ({ key, title, kind: 'number' })
export const share = (key: string, title: string): Column => ({ key, title, kind: 'share' })
export const day = (key: string, title: string): Column => ({ key, title, kind: 'day' })
export const time = (key: string, title: string): Column => ({ key, title, kind: 'time' })

export const BUSINESS_READERS = ['viewer', 'staff', 'admin'] as const
