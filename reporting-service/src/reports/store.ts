import { defineCollection } from '@countinghouse/shared/mongo/collection'

/** A report as it was made in a night. */
export type Snapshot = { _id: string; report: string; day: string; kept: string; madeAt: Date }

const KEPT_FOR_SECONDS = 400 * 24 * 3600

export const snapshots = defineCollection<Snapshot>(
  'report_snapshots',
  {
    report: { type: String, required: true },
    day: { type: String, required: true },
    kept: { type: String, required: true },
    madeAt: { type: Date, required: true },
  },
  {
    indexes: [
      { fields: { report: 1, day: -1 } },
      { fields: { madeAt: 1 }, options: { expireAfterSeconds: KEPT_FOR_SECONDS } },
    ],
  },
)
