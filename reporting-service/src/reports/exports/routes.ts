import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { JobView, jobExample, toJobView } from '@countinghouse/shared/jobs/routes'
import { startJob } from '@countinghouse/shared/jobs/store'
import { z } from 'zod'
import { periodQuery, toPeriod } from '../../period.js'
import { readingOf, type Report } from '../definition.js'
import { FORMATS } from '../printing.js'
import { questionOf } from '../asking.js'
import { EXPORT_KIND, type ExportOrder } from './kind.js'

export type Deps = { now: () => Date; timeZone: string }

/** Reports as files that are made behind the request: see `GET /jobs/:id` for progress and result. */
export const exportEndpoints = ({ now, timeZone }: Deps, reports: readonly Report[]) =>
  reports.map((report) =>
    endpoint({
      ...{
        method: 'post',
        path: `/reports/${report.name}/exports`,
        tag: 'Reports',
        access: report.access,
        status: 202,
      },
      reads: readingOf(report),
      summary: `${report.title}: begin a file; the job tells how far it is and where the file is`,
      idempotent: true,
      body: z.strictObject({ format: z.enum(FORMATS), ...periodQuery(timeZone), ...report.params }),
      view: JobView,
      example: {
        body: { format: 'xlsx', from: '2026-11-01', to: '2026-11-30' },
        view: {
          ...jobExample,
          id: 'reporting.0199a3c1-5b7e-7c3a-9d52-3f0c8e6b1a24',
          kind: EXPORT_KIND,
          status: 'queued',
        },
      },
      handle: ({ body, caller, once }) => {
        const question = questionOf(body, report, caller)
        toPeriod(question)
        const input: ExportOrder = { report: report.name, format: body.format, question }
        return once(async (tx) =>
          toJobView(await startJob(tx, { kind: EXPORT_KIND, owner: actorOf(caller), input, now: now() })),
        )
      },
    }),
  )
