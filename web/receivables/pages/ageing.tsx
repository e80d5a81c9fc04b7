import { Button, NativeSelect, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconPrinter } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useCan, useFormat, useMe } from '../../session.ts'
import { DateField } from '../../shared/date-field.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { Ageing } from '../../wire.ts'
import { AgeingBar } from '../ageing-bar.tsx'
import { AgeingTable, type Grouping } from '../ageing-table.tsx'
import { overdue } from '../buckets.ts'
import { ExportMenu } from '../export-menu.tsx'
import classes from './ageing.module.css'

const groupings = ['none', 'customer', 'region', 'collector'] as const

export default function AgeingPage() {
  return useCan('receivables.read') ? (
    <Report />
  ) : (
    <Page title={t('core.nav_ageing')}>
      <Forbidden permission="receivables.read" />
    </Page>
  )
}

function Report() {
  const format = useFormat()
  const [filters, setFilters] = useFilters(['as_of', 'basis', 'group_by', 'currency'])
  const groupBy = groupings.find((one) => one === filters.group_by) ?? 'customer'
  const query = { ...filters, group_by: groupBy }
  const ageing = useQuery({
    queryKey: ['ageing', query],
    queryFn: ({ signal }) => api<Ageing>('GET', '/api/receivables/ageing', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const data = ageing.data
  const groupLabels = {
    none: t('receivables.group_none'),
    customer: t('receivables.group_customer'),
    region: t('receivables.group_region'),
    collector: t('receivables.group_collector'),
  }
  return (
    <Page
      title={t('core.nav_ageing')}
      lead={data && t('receivables.ageing_lead', { day: format.day(data.as_of), currency: data.currency })}
      actions={
        data &&
        data.groups.length > 0 && (
          <>
            <ExportMenu path="/api/receivables/ageing/export" query={query} />
            <Button
              variant="default"
              leftSection={<IconPrinter size={16} aria-hidden />}
              onClick={() => window.print()}
            >
              {t('receivables.print')}
            </Button>
          </>
        )
      }
    >
      <FilterBar>
        <DateField
          label={t('receivables.as_of')}
          value={filters.as_of ?? data?.as_of ?? ''}
          max={format.today()}
          onChange={(event) => setFilters({ as_of: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('receivables.group_by')}
          value={groupBy}
          data={groupings.map((value) => ({ value, label: groupLabels[value] }))}
          onChange={(event) => setFilters({ group_by: event.currentTarget.value })}
        />
        {data && data.currencies.length > 1 && (
          <NativeSelect
            label={t('core.currency')}
            value={data.currency}
            data={data.currencies}
            onChange={(event) => setFilters({ currency: event.currentTarget.value })}
          />
        )}
        <div>
          <Text component="div" size="sm" fw={600} id="basis" mb={3}>
            {t('receivables.basis')}
          </Text>
          <SegmentedControl
            aria-labelledby="basis"
            value={filters.basis === 'invoice' ? 'invoice' : 'due'}
            onChange={(basis) => setFilters({ basis: basis === 'due' ? undefined : basis })}
            data={[
              { value: 'due', label: t('receivables.basis_due') },
              { value: 'invoice', label: t('receivables.basis_invoice') },
            ]}
          />
        </div>
      </FilterBar>
      <Loaded query={ageing}>
        {(report) => <Body report={report} stale={ageing.isPlaceholderData} groupBy={groupBy} />}
      </Loaded>
    </Page>
  )
}

function Body({ report, stale, groupBy }: { report: Ageing; stale: boolean; groupBy: 'none' | Grouping }) {
  const me = useMe()
  const format = useFormat()
  if (report.groups.length === 0)
    return (
      <Empty
        title={t('receivables.nothing_open')}
        why={t('receivables.nothing_open_why', { day: format.day(report.as_of) })}
        action={
          can(me, 'receivables.import') && (
            <Button component={Link} to="/imports">
              {t('core.do_import')}
            </Button>
          )
        }
      />
    )
  const late = overdue(report.totals.buckets)
  return (
    <Stack gap="lg" style={{ opacity: stale ? 0.55 : 1 }}>
      <section className={`sheet ${classes.summary}`} aria-label={t('core.ageing_chart')}>
        <div className={classes.figures}>
          <Headline label={t('core.total_open')} value={format.money(report.totals.total, report.currency)} />
          <Headline
            label={t('core.overdue')}
            value={format.money(late, report.currency)}
            note={t('core.overdue_share', {
              share: format.percent(report.totals.total > 0 ? late / report.totals.total : 0),
            })}
          />
          {report.totals.disputed !== 0 && (
            <Headline
              label={t('receivables.disputed_total')}
              value={format.money(report.totals.disputed, report.currency)}
            />
          )}
          {report.totals.unapplied !== 0 && (
            <Headline
              label={t('core.bucket_unapplied')}
              value={format.money(report.totals.unapplied, report.currency)}
            />
          )}
        </div>
        <AgeingBar
          buckets={report.totals.buckets}
          currency={report.currency}
          search={{ as_of: report.as_of, ...(report.basis === 'invoice' ? { basis: 'invoice' } : {}) }}
        />
      </section>
      {groupBy !== 'none' && (
        <AgeingTable report={report} groupBy={groupBy} organisation={me.tenant?.name ?? ''} />
      )}
    </Stack>
  )
}

function Headline({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <div className={`figure ${classes.headline}`}>{value}</div>
      {note && (
        <Text size="sm" c="dimmed">
          {note}
        </Text>
      )}
    </div>
  )
}
