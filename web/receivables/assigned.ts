import type { QueryClient } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { done } from '../shared/toast.tsx'
import type { AssignmentUndone } from '../wire.ts'

/** What is read anew when work has changed hands. */
const again = (client: QueryClient) =>
  Promise.all(
    [['invoices'], ['customers'], ['ageing'], ['assignees'], ['team'], ['tasks']].map((queryKey) =>
      client.invalidateQueries({ queryKey }),
    ),
  )

/** Says that many were given, with the way back. */
export function saidAssigned(client: QueryClient, words: string, act_id: number | null) {
  done(
    words,
    act_id === null
      ? undefined
      : async () => {
          const { invoices, customers, kept } = await api<AssignmentUndone>(
            'POST',
            `/api/receivables/assignments/${act_id}/undo`,
          )
          done(t('receivables.assign_undone', { invoices, customers, kept }))
          await again(client)
        },
  )
  return again(client)
}
