import { parseSettings, serviceSettings } from '@countinghouse/shared/config'

export const reportingSettings = { ...serviceSettings }

export const readSettings = () => parseSettings(reportingSettings, process.env)
export type Settings = ReturnType<typeof readSettings>
