import type { UserCaller } from '@countinghouse/shared/http/caller'

/** Who asks for documents; staff have their own alone. */
export type Asker = { userId: string; seesAll: boolean }

/** Admins and viewers see all. */
export const askerOf = ({ userId, role }: UserCaller): Asker => ({ userId, seesAll: role !== 'staff' })
