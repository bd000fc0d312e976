import type { Projector } from '@countinghouse/shared/messaging/projector'
import { record } from './commands.js'

/** Every event of the platform, of whatever type, is recorded. */
export const auditor: Pick<Projector, 'apply'> = { apply: record }
