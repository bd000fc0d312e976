import type { Calendar } from '@countinghouse/shared/calendar'
import type { Log } from '@countinghouse/shared/log'
import type { Nightly } from '@countinghouse/shared/mongo/nightly'
import { checkStock, type Deps } from './commands.js'

type Options = Deps & { log: Log; now: () => Date; calendar: Calendar }

/** However many nights were missed, the stock is checked as it is now. */
export const nightlyStockCheck = (options: Options): Nightly => ({
  ...options,
  ...{ work: 'stock-check', at: '02:00', missed: 'last' },
  run: async (_, signal) => {
    const { problems, items } = await checkStock(options, signal)
    if (problems.length === 0) options.log.info({ items }, 'The stock is checked')
    else options.log.error({ problems }, 'The stock is not what its moves come to')
  },
})
