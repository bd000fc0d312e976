let armed: string | undefined
let watcher: ((name: string) => void) | undefined

/** Arms one named point at which this process kills itself; refuses to in production. */
export const armFaultPoint = (name: string | undefined, environment: string): void => {
  if (name !== undefined && environment === 'production') throw new Error('FAULT_POINT is not for production')
  armed = name
}

/** Lets a simulation see every point that is passed, and throw there; for tests within one process. */
export const watchFaultPoints = (watch: ((name: string) => void) | undefined): void => {
  watcher = watch
}

/** Dies here, by SIGKILL and without any clean-up, when this point is the armed one. */
export const faultPoint = (name: string): void => {
  watcher?.(name)
  if (name === armed) process.kill(process.pid, 'SIGKILL')
}
