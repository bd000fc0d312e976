import { duplicateResolved } from '@countinghouse/shared/contracts/duplicates'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Finding } from './domain.js'

export const resolved = ({ _id, at, ...finding }: Finding): Envelope =>
  newEvent(duplicateResolved, _id, { finding_id: _id, ...finding, resolved_at: at.toISOString() })
