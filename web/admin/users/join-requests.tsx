import { Badge, Button, Group, Modal, Stack } from '@mantine/core'
import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useCan, useFormat } from '../../session.ts'
import { type Column, DataTable } from '../../shared/data-table.tsx'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { Empty, Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { JoinRequest } from '../../wire.ts'
import { RoleChoice } from '../role-choice.tsx'

export function JoinRequests({ query }: { query: UseQueryResult<{ items: JoinRequest[] }> }) {
  const client = useQueryClient()
  const format = useFormat()
  const mayChange = useCan('users.write')
  const [approving, setApproving] = useState<JoinRequest | null>(null)
  const again = () =>
    Promise.all(['join-requests', 'users'].map((key) => client.invalidateQueries({ queryKey: [key] })))
  const decline = useMutation({
    mutationFn: (id: number) => api('POST', `/api/admin/join-requests/${id}/decline`),
    onSuccess: () => {
      done(t('admin.request_declined'))
      return again()
    },
    onError: failed,
  })
  const nameOf = (request: JoinRequest) => request.full_name || request.username
  const columns: Column<JoinRequest>[] = [
    { key: 'name', header: t('admin.name'), title: true, cell: nameOf },
    {
      key: 'email',
      header: t('admin.email'),
      cell: (one) => <span className="wrap-anywhere">{one.email}</span>,
    },
    { key: 'at', header: t('admin.asked'), cell: (one) => format.instant(one.requested_at) },
    {
      key: 'act',
      header: t('admin.actions'),
      cell: (one) =>
        one.state !== 'open' ? (
          <Badge color="gray">{one.state === 'approved' ? t('admin.let_in') : t('admin.declined')}</Badge>
        ) : mayChange ? (
          <Group gap="xs">
            <Button
              size="xs"
              aria-label={t('admin.approve_named', { name: nameOf(one) })}
              onClick={() => setApproving(one)}
            >
              {t('admin.approve')}
            </Button>
            <Button
              size="xs"
              variant="default"
              aria-label={t('admin.decline_named', { name: nameOf(one) })}
              loading={decline.isPending && decline.variables === one.id}
              onClick={() => decline.mutate(one.id)}
            >
              {t('admin.decline')}
            </Button>
          </Group>
        ) : null,
    },
  ]
  return (
    <>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('admin.no_requests')} why={t('admin.no_requests_why')} />
          ) : (
            <DataTable
              caption={t('admin.requests')}
              columns={columns}
              rows={items}
              rowKey={(one) => one.id}
            />
          )
        }
      </Loaded>
      <Modal
        opened={approving !== null}
        onClose={() => setApproving(null)}
        title={t('admin.approve_named', { name: approving ? nameOf(approving) : '' })}
      >
        {approving && (
          <Approve
            request={approving}
            onDone={() => {
              setApproving(null)
              void again()
            }}
          />
        )}
      </Modal>
    </>
  )
}

function Approve({ request, onDone }: { request: JoinRequest; onDone: () => void }) {
  const [codes, setCodes] = useState<string[]>([])
  const { busy, error, submit } = useSubmit(async () => {
    await api('POST', `/api/admin/join-requests/${request.id}/approve`, { body: { role_codes: codes } })
    done(t('admin.let_in'))
    onDone()
  })
  return (
    <Stack gap="md">
      <FormError error={error} />
      <RoleChoice value={codes} onChange={setCodes} />
      <Group justify="flex-end">
        <Button disabled={codes.length === 0} loading={busy} onClick={() => submit(undefined)}>
          {t('admin.approve')}
        </Button>
      </Group>
    </Stack>
  )
}
