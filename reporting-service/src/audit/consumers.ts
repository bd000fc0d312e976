import { dataRead } from '@countinghouse/shared/contracts/audit'
import { project, type Projector } from '@countinghouse/shared/messaging/projector'
import { record, recordReads } from './commands.js'

/** Every event of the platform, of whatever type, is recorded. */
export const auditor: Pick<Projector, 'apply'> = { apply: record }

/** Those that tell of many reads are an entry for each. */
export const readAuditors = [project(dataRead, (tx, data, event) => recordReads(tx, data, event.id))]
