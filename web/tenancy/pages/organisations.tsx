import { Badge, Button, Group, Modal, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { enter, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable } from '../../shared/data-table.tsx'
import { FormError, useSubmit } from '../../shared/form.tsx'
import {
  OrganisationFields,
  organisationDefaults,
  organisationRules,
} from '../../shared/organisation-fields.tsx'
import { Page } from '../../shared/page.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { Me, TenantRow } from '../../wire.ts'

/** For superusers: every organisation of this server. Seeing inside one means entering it, which is recorded there. */
export default function Organisations() {
  const me = useMe()
  const [creating, setCreating] = useState(false)
  if (!me.is_superuser)
    return (
      <Page title={t('core.nav_organisations')}>
        <Forbidden />
      </Page>
    )
  const add = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setCreating(true)}>
      {t('admin.organisation_add')}
    </Button>
  )
  return (
    <Page title={t('core.nav_organisations')} lead={t('admin.organisations_lead')} actions={add}>
      <List add={add} />
      <Modal opened={creating} onClose={() => setCreating(false)} title={t('admin.organisation_add')}>
        <Create onClose={() => setCreating(false)} />
      </Modal>
    </Page>
  )
}

function List({ add }: { add: React.ReactNode }) {
  const me = useMe()
  const format = useFormat()
  const navigate = useNavigate()
  const tenants = useQuery({
    queryKey: ['tenants'],
    queryFn: () => api<{ items: TenantRow[] }>('GET', '/api/tenants'),
  })
  const open = useMutation({
    mutationFn: async (id: number) => {
      await api('POST', `/api/tenants/${id}/enter`)
      await enter(await api<Me>('GET', '/api/session'))
      await navigate({ to: '/' })
    },
    onError: failed,
  })
  const columns: Column<TenantRow>[] = [
    { key: 'name', header: t('admin.name'), title: true, cell: (tenant) => tenant.name },
    { key: 'code', header: t('admin.code'), cell: (tenant) => tenant.code },
    { key: 'currency', header: t('core.currency'), cell: (tenant) => tenant.currency },
    { key: 'timezone', header: t('core.timezone'), cell: (tenant) => tenant.timezone },
    { key: 'created', header: t('admin.created'), cell: (tenant) => format.instant(tenant.created_at) },
    {
      key: 'state',
      header: t('admin.state'),
      cell: (tenant) => (
        <Group gap={5}>
          <Badge color={tenant.is_active ? 'pine' : 'gray'}>
            {tenant.is_active ? t('admin.active') : t('admin.inactive')}
          </Badge>
          {tenant.is_demo && <Badge color="brass">{t('admin.demo')}</Badge>}
        </Group>
      ),
    },
    {
      key: 'act',
      header: t('admin.actions'),
      cell: (tenant) =>
        tenant.id === me.tenant?.id ? (
          t('admin.here')
        ) : (
          <Button
            size="xs"
            variant="default"
            data-row-link
            aria-label={t('admin.enter_named', { name: tenant.name })}
            loading={open.isPending && open.variables === tenant.id}
            onClick={() => open.mutate(tenant.id)}
          >
            {t('admin.enter')}
          </Button>
        ),
    },
  ]
  return (
    <Loaded query={tenants}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title={t('admin.no_organisations')} why={t('admin.no_organisations_why')} action={add} />
        ) : (
          <DataTable
            caption={t('core.nav_organisations')}
            columns={columns}
            rows={items}
            rowKey={(tenant) => tenant.id}
          />
        )
      }
    </Loaded>
  )
}

function Create({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const form = useForm({ initialValues: organisationDefaults(), validate: organisationRules })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await api('POST', '/api/tenants', { body: values })
    done(t('admin.organisation_added', { name: values.name }))
    await client.invalidateQueries({ queryKey: ['tenants'] })
    onClose()
  }, form)
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="md">
        <FormError error={error} />
        <OrganisationFields form={form} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('core.cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t('admin.organisation_add')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
