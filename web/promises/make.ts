import { api } from '../api.ts'
import type { PromiseDetails } from '../wire.ts'

type Making = {
  customer_id: number
  currency: string
  amount: number
  promised_on: string
  /** Without them the oldest debts first. */
  invoice_ids?: number[]
  note?: string
}

export const makePromise = ({ note, ...body }: Making) =>
  api<PromiseDetails>('POST', '/api/receivables/promises', {
    body: { ...body, ...(note?.trim() ? { note: note.trim() } : {}) },
  })

/** Taken by mistake: it counts nowhere. */
export const undoPromise = (id: number) => api('POST', `/api/receivables/promises/${id}/undo`)
