import { parseSettings, serviceSettings } from '@countinghouse/shared/config'

export const readSettings = () => parseSettings(serviceSettings, process.env)
export type Settings = ReturnType<typeof readSettings>
