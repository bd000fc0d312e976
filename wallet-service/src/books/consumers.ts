import { bookEntryDue } from '@countinghouse/shared/contracts/books'
import { on } from '@countinghouse/shared/messaging/delivery'
import { Refusal } from '@countinghouse/shared/refusal'
import { enterDue, isEntered, type Deps } from './commands.js'

/** A fact that is told twice is entered once; told otherwise the second time, it is for a person to look at. */
export const booksConsumers = (deps: Deps) => [
  on(bookEntryDue, async ({ event: { actor, data }, inboxWrite, once }) => {
    const lines = data.lines.map(({ account, side, amount_minor: amountMinor }) => ({ account, side, amountMinor }))
    const due = { ...data, lines, actor }
    await enterDue(deps, due, inboxWrite).catch(async (error: unknown) => {
      if (!(error instanceof Refusal) || error.code !== 'entry_exists' || !(await isEntered(deps, due))) throw error
      await once(() => Promise.resolve())
    })
  }),
]
