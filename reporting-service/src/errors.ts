import type { RefusalTable } from '@countinghouse/shared/refusal'

/** Every refusal of reporting-service, beside those that all services share. */
export const refusals = {} as const satisfies RefusalTable
