import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import type { Assignee } from '../wire.ts'

/** Who may be given invoices, with what they have open. */
export const useAssignees = (enabled = true) =>
  useQuery({
    queryKey: ['assignees'],
    enabled,
    queryFn: () => api<{ items: Assignee[] }>('GET', '/api/receivables/assignees'),
  })

/** "Asha Rao, Collector, 12 open": whoever chooses sees who has how much already. */
export const assigneeChoice = (items: Assignee[]) => [
  { value: '', label: t('receivables.nobody') },
  ...items.map(({ id, full_name, roles, count }) => ({
    value: String(id),
    label: t('receivables.assignee', { name: full_name, roles: roles.join(', '), count }),
  })),
]
