import { can } from '../session.ts'
import type { Me } from '../wire.ts'

/** Each sees only messages about rows they see; the server says which. */
export const mayReadMessages = (me: Me) =>
  ['receivables.read', 'debtors.read', 'settings.read'].some((permission) => can(me, permission))
export const maySend = (me: Me) =>
  ['receivables.dun', 'debtors.send', 'settings.write'].some((permission) => can(me, permission))
export const mayConfigure = (me: Me) => can(me, 'settings.write')
export const maySeeChannels = (me: Me) => can(me, 'settings.read')
