import { api, ifMatchOf } from '../api.ts'
import type { Attempt } from '../wire.ts'

/** Writes down that somebody called, wrote or went there. */
export const logAttempt = (customer_id: number, body: object) =>
  api<Attempt>('POST', `/api/receivables/customers/${customer_id}/attempts`, { body })

/** As if it had never been written down: its follow-up goes with it. */
export const takeBackAttempt = ({ id, version }: Attempt) =>
  api('DELETE', `/api/receivables/attempts/${id}`, { ifMatch: ifMatchOf(null, version) })
