import { parseSettings, serviceSettings } from '@countinghouse/shared/config'

export const walletSettings = { ...serviceSettings }

export const readSettings = () => parseSettings(walletSettings, process.env)
export type Settings = ReturnType<typeof readSettings>
