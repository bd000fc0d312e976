import { parseSettings, serviceSettings } from '@countinghouse/shared/config'

export const inventorySettings = { ...serviceSettings }

export const readSettings = () => parseSettings(inventorySettings, process.env)
export type Settings = ReturnType<typeof readSettings>
