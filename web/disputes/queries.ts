import { type QueryClient, useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import type { Dispute, DisputeDetails, DisputePage, DisputeReason } from '../wire.ts'

export const root = '/api/receivables/disputes'

/** What an act on a dispute changes on screen. */
export const reread = (client: QueryClient) =>
  Promise.all(
    [['disputes'], ['invoices'], ['ageing'], ['customers'], ['attachments']].map((queryKey) =>
      client.invalidateQueries({ queryKey }),
    ),
  )

export const useReasons = () =>
  useQuery({
    queryKey: ['disputes', 'reasons'],
    queryFn: () => api<{ items: DisputeReason[] }>('GET', '/api/receivables/dispute-reasons'),
    staleTime: 60_000,
  })
export const useDispute = (id: number | null) =>
  useQuery({
    queryKey: ['disputes', 'one', id],
    enabled: id !== null,
    queryFn: () => api<DisputeDetails>('GET', `${root}/${id}`),
  })
/** All that were ever opened on an invoice, and what files say of it. */
export const useInvoiceDisputes = (invoice_id: number) =>
  useQuery({
    queryKey: ['disputes', 'of', invoice_id],
    queryFn: () =>
      api<DisputePage>('GET', root, {
        query: { invoice_id, state: 'all', sort: 'opened_on', order: 'desc', page_size: 100 },
      }),
  })

/** One list of them: by what is late first. */
export type Known = Dispute & { id: number }
