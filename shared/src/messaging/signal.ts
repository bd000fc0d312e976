/** A wake-up call: raised any number of times while nobody waits, it wakes the next waiter once. */
export const createSignal = () => {
  let raised = false
  let wake: (() => void) | undefined
  return {
    raise: (): void => {
      raised = true
      wake?.()
    },
    wait: async (): Promise<void> => {
      if (!raised) await new Promise<void>((resolve) => (wake = resolve))
      raised = false
      wake = undefined
    },
  }
}
