import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { refuse } from '../errors.js'
import { askOnceMore } from './commands/carryOut.js'
import type { Deps } from './commands/deps.js'
import { MOVEMENT_STATUSES } from './domain.js'
import { getMovement, listMovements } from './store.js'
import { movementExample, MovementView, toMovementView } from './views.js'

const tag = 'Movements'

export const movementEndpoints = (deps: Deps) => {
  const reads = readsOn(deps.db)
  return [
    endpoint({
      method: 'get',
      path: '/loans/admin/movements',
      reads: { data: 'financial', of: 'loan', id: 'loan_id' },
      summary: 'List money that moves between loans and wallets; without a status, what is stuck and needs somebody',
      tag,
      access: ['admin'],
      query: z.object({ ...pageQuery, status: z.enum(MOVEMENT_STATUSES).default('STUCK') }),
      view: MovementView,
      list: true,
      example: { view: [movementExample] },
      handle: async ({ query }) => (await listMovements(reads, query.status, query)).map(toMovementView),
    }),
    endpoint({
      method: 'post',
      path: '/loans/admin/movements/:id/retry',
      summary: 'Try a stuck movement again now; it is tried every day by itself',
      tag,
      access: ['admin'],
      isOpen: ({ status }) => status === 'PENDING',
      params: z.object({ id: Id }),
      view: MovementView,
      refusals: [
        ...['movement_not_found', 'movement_not_stuck', 'insufficient_funds', 'balance_limit'],
        ...['wallet_not_found', 'wallet_frozen', 'wallet_closed'],
      ],
      example: { view: { ...movementExample, status: 'COMPLETED', failure: null } },
      handle: async ({ params: { id } }) => {
        const movement = await getMovement(reads, id)
        const { status } = movement
        if (status !== 'STUCK') throw refuse('movement_not_stuck', { movement_id: id, movement_status: status })
        return toMovementView((await askOnceMore(deps, movement)) ?? (await getMovement(reads, id)))
      },
    }),
  ]
}
