import { refuser, type RefusalTable } from '@countinghouse/shared/refusal'

/** Every refusal of inventory-service. */
export const refusals = {
  item_not_found: { status: 404, sentence: 'Item not found: {item_id}' },
  item_exists: { status: 409, sentence: 'An item with this id exists: {item_id}' },
} as const satisfies RefusalTable

export const refuse = refuser(refusals)
