import { Badge, Button, Modal, Stack, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Navigate, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable } from '../../shared/data-table.tsx'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import type { ListedPharmacy, Pharmacy } from '../../wire.ts'
import { usePharmacies, useRefresh } from '../queries.ts'

export default function Pharmacies() {
  const me = useMe()
  const format = useFormat()
  const maySee = can(me, 'debtors.read')
  const mayAdd = can(me, 'settings.write')
  const pharmacies = usePharmacies(maySee)
  const [adding, setAdding] = useState(false)
  const add = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
      {t('debtors.pharmacy_add')}
    </Button>
  )
  const { data } = pharmacies
  // Whoever works at one pharmacy has nothing to choose.
  if (data?.length === 1 && !mayAdd) return <Navigate to={`/debtors/${data[0]!.pharmacy_id}`} replace />
  return (
    <Page title={t('core.nav_debtors')} lead={t('debtors.pharmacies_lead')} actions={mayAdd && add}>
      {maySee ? (
        <Loaded query={pharmacies}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty
                title={t('debtors.no_pharmacies')}
                why={t(mayAdd ? 'debtors.no_pharmacies_why' : 'debtors.no_pharmacies_ask')}
                action={mayAdd && add}
              />
            ) : (
              <DataTable
                caption={t('debtors.pharmacies')}
                columns={columnsOf(format)}
                rows={rows}
                rowKey={(pharmacy) => pharmacy.pharmacy_id}
              />
            )
          }
        </Loaded>
      ) : (
        <Forbidden permission="debtors.read" />
      )}
      {adding && <AddPharmacy onClose={() => setAdding(false)} />}
    </Page>
  )
}

const columnsOf = (format: ReturnType<typeof useFormat>): Column<ListedPharmacy>[] => [
  {
    key: 'name',
    header: t('debtors.pharmacy'),
    title: true,
    cell: (pharmacy) => (
      <>
        <TextLink to={`/debtors/${pharmacy.pharmacy_id}`} data-row-link inherit className="wrap-anywhere">
          {pharmacy.name}
        </TextLink>{' '}
        {!pharmacy.is_active && <Badge color="gray">{t('debtors.closed')}</Badge>}
        {pharmacy.needs_review > 0 && (
          <Badge color="brass">{t('debtors.waiting', { count: pharmacy.needs_review })}</Badge>
        )}
      </>
    ),
  },
  {
    key: 'report',
    header: t('debtors.report_of'),
    cell: ({ report }) =>
      report ? format.day(report.report_date ?? report.uploaded_at) : t('debtors.no_report'),
  },
  {
    key: 'accounts',
    header: t('debtors.accounts'),
    align: 'right',
    cell: ({ report }) => (report ? format.number(report.total_accounts) : '–'),
  },
  {
    key: 'outstanding',
    header: t('debtors.outstanding'),
    align: 'right',
    cell: ({ report }) => (report ? format.money(report.total_outstanding) : '–'),
  },
  {
    key: 'access',
    header: t('debtors.you_may'),
    wideOnly: true,
    cell: ({ can_write }) => t(can_write ? 'debtors.may_write' : 'debtors.may_read'),
  },
]

function AddPharmacy({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const refresh = useRefresh()
  const [name, setName] = useState('')
  const { busy, error, submit } = useSubmit(async () => {
    const pharmacy = await api<Pharmacy>('POST', '/pharmacies', { body: { name: name.trim() } })
    await refresh()
    await navigate({ to: `/debtors/${pharmacy.pharmacy_id}/settings` })
  })
  return (
    <Modal opened onClose={onClose} title={t('debtors.pharmacy_add')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Stack>
          <FormError error={error} />
          <TextInput
            label={t('debtors.pharmacy_name')}
            description={t('debtors.pharmacy_name_why')}
            data-autofocus
            required
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button
            type="submit"
            loading={busy}
            disabled={name.trim() === ''}
            style={{ alignSelf: 'flex-end' }}
          >
            {t('debtors.pharmacy_add')}
          </Button>
        </Stack>
      </form>
    </Modal>
  )
}
