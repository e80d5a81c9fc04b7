import { Button, NativeSelect, Switch, Text, TextInput } from '@mantine/core'
import { IconSend, IconSettings } from '@tabler/icons-react'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import { useKey } from '../../shared/use-key.ts'
import { ViewsMenu } from '../../shared/views-menu.tsx'
import { type Picked, VirtualTable } from '../../shared/virtual-table.tsx'
import type { Debtor, Pharmacy } from '../../wire.ts'
import { bucketsIn, figures } from '../buckets.ts'
import { Chips } from '../chips.tsx'
import { debtorColumns } from '../columns.tsx'
import classes from '../debtors.module.css'
import { DownloadMenu, fetchFile } from '../download-menu.tsx'
import {
  type DebtorFilters,
  downloadBody,
  filterNames,
  filterQuery,
  remindSearch,
  sortQuery,
} from '../filters.ts'
import { apiOf, useDebtors, useMay, usePharmacy, useReports, useStatistics } from '../queries.ts'

// What is done once a month is fetched beside the list, which is there first.
const ListNow = lazy(() => import('../list-now.tsx'))

export default function Debtors() {
  const { outlet = '' } = useParams({ strict: false }) as { outlet?: string }
  const maySee = can(useMe(), 'debtors.read')
  const pharmacy = usePharmacy(maySee ? outlet : '')
  if (!maySee)
    return (
      <Page title={t('core.nav_debtors')}>
        <Forbidden permission="debtors.read" />
      </Page>
    )
  if (pharmacy.data) return <List key={outlet} outlet={outlet} pharmacy={pharmacy.data} />
  return (
    <Page title={t('core.nav_debtors')}>
      <Loaded query={pharmacy}>{() => null}</Loaded>
    </Page>
  )
}

function List({ outlet, pharmacy }: { outlet: string; pharmacy: Pharmacy }) {
  const format = useFormat()
  const navigate = useNavigate()
  const may = useMay(pharmacy)
  const [{ sort, ...filters }, setFilters] = useFilters([...filterNames, 'sort'])
  const [picked, setPicked] = useState<Picked>(new Set())
  const reports = useReports(outlet)
  const current = reports.data?.find(({ is_current }) => is_current)
  const asked = JSON.stringify(filters)
  const base = useMemo(() => filterQuery(JSON.parse(asked) as DebtorFilters), [asked])
  const query = useMemo(() => ({ ...base, ...sortQuery(sort), details: 'true' }), [base, sort])
  const debtors = useDebtors(apiOf(outlet), query)
  const sums = useStatistics(outlet, base)
  // What the chips say does not follow from the chips.
  const chipSums = useStatistics(outlet, { ...base, ageing_buckets: undefined })
  const unreachable = useStatistics(outlet, { has_email: 'false', has_phone: 'false' })
  const columns = useMemo(() => debtorColumns(outlet, format, may.write), [outlet, format, may.write])
  const open = useCallback(
    (debtor: Debtor) => void navigate({ to: `/debtors/${outlet}/accounts/${debtor.id}` }),
    [navigate, outlet],
  )
  const change = (changes: Parameters<typeof setFilters>[0], how?: { replace?: boolean }) => {
    setPicked(new Set())
    setFilters(changes, how)
  }
  const filtered = filterNames.some((name) => filters[name])
  const clear = () => change(Object.fromEntries(filterNames.map((name) => [name, undefined])))
  const total = debtors.first.data?.total ?? 0
  const count = picked === 'all' ? total : picked.size
  const ids = picked === 'all' || count === 0 ? ('all' as const) : [...picked]
  const remind = () =>
    void navigate({ to: '/debtors/remind' as string, search: remindSearch(outlet, filters, ids) as never })
  useKey('r', remind, may.send && total > 0)
  useKey('e', (event) => {
    const button = document.activeElement?.closest('tr')?.querySelector<HTMLElement>('[data-edit-contact]')
    if (!button) return
    event.preventDefault()
    button.click()
  })
  const contact = (field: 'has_email' | 'has_phone') => (
    <NativeSelect
      label={t(`debtors.${field === 'has_email' ? 'email' : 'phone'}`)}
      value={filters[field] ?? ''}
      data={[
        { value: '', label: t('core.filter_all') },
        { value: 'true', label: t('debtors.with') },
        { value: 'false', label: t('debtors.without') },
      ]}
      onChange={(event) => change({ [field]: event.currentTarget.value || undefined })}
    />
  )
  const none = unreachable.data?.total_accounts ?? 0
  return (
    <Page
      title={pharmacy.name}
      lead={
        current
          ? t('debtors.lead', {
              day: format.day(current.report_date ?? current.uploaded_at),
              count: current.total_accounts,
            })
          : t('debtors.lead_none')
      }
      actions={
        <>
          <ViewsMenu page="/debtors" />
          {total > 0 && (
            <DownloadMenu
              outlet={outlet}
              body={downloadBody(filters, sort, ids)}
              {...(count > 0 ? { label: t('debtors.download_picked', { count }) } : {})}
            />
          )}
          <Button
            variant="default"
            renderRoot={(props) => <Link to={`/debtors/${outlet}/reports` as string} {...props} />}
          >
            {t('debtors.reports')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconSettings size={16} aria-hidden />}
            renderRoot={(props) => <Link to={`/debtors/${outlet}/settings` as string} {...props} />}
          >
            {t('debtors.settings')}
          </Button>
        </>
      }
    >
      <Suspense fallback={<div className={classes.nowWaits} />}>
        <ListNow outlet={outlet} pharmacy={pharmacy} mayUpload={may.write} reports={reports.data} />
      </Suspense>
      {chipSums.data && (total > 0 || filtered) && (
        <Chips
          sums={chipSums.data}
          chosen={bucketsIn(filters.ageing_buckets)}
          onChange={(chosen) => change({ ageing_buckets: chosen.join(',') || undefined })}
        />
      )}
      {(total > 0 || filtered) && (
        <FilterBar onClear={filtered && clear}>
          <SearchField
            label={t('debtors.search')}
            value={filters.search}
            onChange={(text) => change({ search: text }, { replace: true })}
          />
          <TextInput
            key={filters.min_balance ?? ''}
            label={t('debtors.min_balance')}
            defaultValue={filters.min_balance ?? ''}
            inputMode="decimal"
            w={150}
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
            onBlur={(event) => {
              const typed = event.currentTarget.value.replace(/[^\d.-]/g, '') || undefined
              if (typed !== filters.min_balance) change({ min_balance: typed })
            }}
          />
          {contact('has_email')}
          {contact('has_phone')}
          <Switch
            label={t('debtors.with_medical_aid')}
            checked={filters.medical_aid === 'yes'}
            mb={6}
            onChange={(event) => change({ medical_aid: event.currentTarget.checked ? 'yes' : undefined })}
          />
        </FilterBar>
      )}
      {total > 0 && (may.send || none > 0) && (
        <section className={`sheet ${classes.picked} no-print`} aria-label={t('debtors.picked_actions')}>
          <Text fw={600} role="status">
            {count > 0 ? t('debtors.picked', { count }) : t('debtors.none_picked', { count: total })}
          </Text>
          {may.send && (
            <Button leftSection={<IconSend size={16} aria-hidden />} size="compact-md" onClick={remind}>
              {count > 0 ? t('debtors.remind_picked') : t('debtors.remind_all', { count: total })}
            </Button>
          )}
          {count > 0 && (
            <Button size="compact-md" variant="subtle" onClick={() => setPicked(new Set())}>
              {t('debtors.pick_none')}
            </Button>
          )}
          {none > 0 && (
            <p className={classes.unreachable}>
              {t('debtors.unreachable', { count: none })}
              <TextLink
                to={`/debtors/${outlet}`}
                search={{ has_email: 'false', has_phone: 'false' }}
                underline="always"
                inherit
              >
                {t('debtors.unreachable_show')}
              </TextLink>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => fetchFile(outlet, 'letters', { has_email: false, has_phone: false })}
              >
                {t('debtors.unreachable_letters')}
              </Button>
            </p>
          )}
        </section>
      )}
      <Loaded query={debtors.first} lines={10}>
        {(data) =>
          data.total === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty
                title={t('debtors.none')}
                why={t(may.write ? 'debtors.none_why' : 'debtors.none_read_why')}
              />
            )
          ) : (
            <div className={classes.dense}>
              <VirtualTable
                caption={t('debtors.list_of', { pharmacy: pharmacy.name })}
                columns={columns}
                count={data.total}
                rowAt={debtors.rowAt}
                rowKey={idOf}
                onRange={debtors.onRange}
                onOpen={open}
                sort={sort}
                onSort={(next) => setFilters({ sort: next })}
                stale={debtors.stale}
                picking={{
                  picked,
                  onPick: setPicked,
                  label: (debtor) => t('debtors.pick', { name: debtor.name, account: debtor.acc_no }),
                }}
                footer={
                  sums.data
                    ? [
                        {
                          name: t('debtors.total_of', { count: sums.data.total_accounts }),
                          ...Object.fromEntries(
                            figures.map((column) => [
                              column,
                              format.amount(
                                column === 'balance' ? sums.data.total_outstanding : sums.data[column],
                              ),
                            ]),
                          ),
                        },
                      ]
                    : []
                }
              />
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}

const idOf = (debtor: Debtor) => debtor.id
