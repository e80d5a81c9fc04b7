import { can } from '../session.ts'
import type { Me } from '../wire.ts'

/** Who sees what was sent: whoever sees debtors or receivables (each only what is about rows they see). */
export const mayReadMessages = (me: Me) => can(me, 'debtors.read') || can(me, 'receivables.dun')
export const maySend = (me: Me) => can(me, 'debtors.send') || can(me, 'receivables.dun')
export const mayConfigure = (me: Me) => can(me, 'settings.write')
