import type { UserCaller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery, text } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { decideApproval, getApproval, withdrawApproval, type Deps, type Reader } from './commands.js'
import { APPROVAL_STATUSES, type Approval } from './domain.js'
import { listApprovals } from './store.js'
import { ApprovalView, approvalExample, toApprovalView } from './view.js'

const people = ['staff', 'admin'] as const
const params = z.object({ id: Id })
const body = z.strictObject({ reason: text(1000).nullable().default(null) })
const tag = 'Approvals'

export const approvalEndpoints = (deps: Deps) => [
  endpoint({
    method: 'get',
    path: '/approvals',
    reads: { data: 'personal', of: 'approval' },
    summary: 'List documents that wait for approval, and those that you wrote or decided, newest first',
    tag,
    access: people,
    query: z.object({
      ...pageQuery,
      status: z.enum(APPROVAL_STATUSES).optional(),
      kind: z.enum(namesOf(deps)).optional(),
    }),
    view: ApprovalView,
    list: true,
    example: { view: [approvalExample] },
    handle: async ({ query: { status, kind, ...at }, user }) => {
      const visibleTo = user.role === 'admin' ? undefined : user.userId
      const found = await listApprovals(readsOn(deps.db), { status, kind, visibleTo }, at)
      return found.map(viewOf(deps))
    },
  }),
  endpoint({
    method: 'get',
    path: '/approvals/:id',
    reads: { data: 'personal', of: 'approval' },
    summary: 'Read a document that waits for approval, or did',
    tag,
    access: people,
    params,
    view: ApprovalView,
    refusals: ['approval_not_found'],
    example: { view: approvalExample },
    handle: async ({ params: { id }, user }) => viewOf(deps)(await getApproval(readsOn(deps.db), id, readerOf(user))),
  }),
  ...(['approve', 'reject'] as const).map((verdict) =>
    endpoint({
      method: 'post',
      path: `/approvals/:id/${verdict}`,
      summary: SUMMARIES[verdict],
      tag,
      access: people,
      idempotent: true,
      params,
      body,
      view: ApprovalView,
      refusals: [
        ...['approval_not_found', 'own_document', 'document_already_approved', 'approval_closed', 'version_conflict'],
        ...deps.kinds.flatMap(({ refusals }) => (verdict === 'approve' ? refusals : [])),
      ],
      example: { body: { reason: 'Agreed by telephone' }, view: approvalExample },
      handle: ({ params: { id }, body: { reason }, user, ifMatch, answering }) =>
        answering(async (answerWrites) => {
          const word = { id, verdict, reason, by: readerOf(user), ifMatch }
          return viewOf(deps)(await decideApproval(deps, word, (approval) => answerWrites(viewOf(deps)(approval))))
        }),
    }),
  ),
  endpoint({
    method: 'post',
    path: '/approvals/:id/withdraw',
    summary: 'Take back a document of yours that is not decided',
    tag,
    access: people,
    idempotent: true,
    params,
    view: ApprovalView,
    refusals: ['approval_not_found', 'not_your_document', 'approval_closed'],
    example: { view: { ...approvalExample, status: 'void' } },
    handle: ({ params: { id }, user, once }) =>
      once(async (tx) => viewOf(deps)(await withdrawApproval(tx, id, readerOf(user), deps.now()))),
  }),
]

const SUMMARIES = {
  approve: 'Approve a document that somebody else wrote; the last approval that it needs lets it take effect',
  reject: 'Reject a document that somebody else wrote; it never takes effect',
}

const namesOf = ({ kinds }: Deps): [string, ...string[]] => {
  const [first, ...others] = kinds.map(({ name }) => name)
  if (first === undefined) throw new Error('Without kinds of documents there is nothing to approve')
  return [first, ...others]
}

const readerOf = ({ userId, role }: UserCaller): Reader => ({ userId, isAdmin: role === 'admin' })

const viewOf =
  ({ kinds, now }: Deps) =>
  (approval: Approval) =>
    toApprovalView(
      approval,
      ({ kind, document }) => kinds.find(({ name }) => name === kind)?.show(document) ?? {},
      now(),
    )
