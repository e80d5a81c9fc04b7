import { Badge, Button } from '@mantine/core'
import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { type MessageKey, t } from '../../i18n.ts'
import { useCan, useFormat } from '../../session.ts'
import { type Column, DataTable } from '../../shared/data-table.tsx'
import { Empty, Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { Invitation } from '../../wire.ts'

const states: Record<string, MessageKey> = {
  open: 'admin.invitation_open',
  accepted: 'admin.invitation_accepted',
  expired: 'admin.invitation_expired',
  revoked: 'admin.invitation_revoked',
}

export function Invitations({ query }: { query: UseQueryResult<{ items: Invitation[] }> }) {
  const client = useQueryClient()
  const format = useFormat()
  const mayChange = useCan('users.write')
  const revoke = useMutation({
    mutationFn: (id: number) => api('DELETE', `/api/admin/invitations/${id}`),
    onSuccess: () => {
      done(t('admin.invitation_taken_back'))
      return client.invalidateQueries({ queryKey: ['invitations'] })
    },
    onError: failed,
  })
  const columns: Column<Invitation>[] = [
    {
      key: 'email',
      header: t('admin.email'),
      title: true,
      cell: (one) => <span className="wrap-anywhere">{one.email}</span>,
    },
    { key: 'name', header: t('admin.name'), cell: (one) => one.full_name || '–' },
    { key: 'roles', header: t('admin.roles'), cell: (one) => one.roles.join(', ') },
    { key: 'by', header: t('admin.invited_by'), cell: (one) => one.invited_by ?? '–' },
    { key: 'until', header: t('admin.valid_until'), cell: (one) => format.instant(one.expires_at) },
    {
      key: 'state',
      header: t('admin.state'),
      cell: (one) => (
        <Badge color={one.state === 'open' ? 'brass' : one.state === 'accepted' ? 'pine' : 'gray'}>
          {states[one.state] ? t(states[one.state]!) : one.state}
        </Badge>
      ),
    },
    {
      key: 'act',
      header: t('admin.actions'),
      cell: (one) =>
        mayChange && one.state === 'open' ? (
          <Button
            size="xs"
            variant="default"
            aria-label={t('admin.take_back_of', { email: one.email })}
            loading={revoke.isPending && revoke.variables === one.id}
            onClick={() => revoke.mutate(one.id)}
          >
            {t('admin.take_back')}
          </Button>
        ) : null,
    },
  ]
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t('admin.no_invitations')} why={t('admin.no_invitations_why')} />
        ) : (
          <DataTable
            caption={t('admin.invitations')}
            columns={columns}
            rows={items}
            rowKey={(one) => one.id}
          />
        )
      }
    </Loaded>
  )
}
