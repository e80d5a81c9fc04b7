import { useQuery } from '@tanstack/react-query'
import { t } from '../../i18n.ts'
import { useCan, useFormat } from '../../session.ts'
import { DataTable } from '../../shared/data-table.tsx'
import type { Formatter } from '../../shared/format.ts'
import { Page } from '../../shared/page.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import type { OutstandingChoices, TrackedMonth } from '../../wire.ts'
import { NoSheets, Pickers, useSheetFilters } from '../pickers.tsx'
import { choicesQuery, trackerQuery } from '../queries.ts'

export default function TrackerPage() {
  const may = useCan('receivables.read')
  const choices = useQuery({ ...choicesQuery, enabled: may })
  return (
    <Page title={t('core.nav_tracker')} lead={t('outstanding.tracker_lead')}>
      {may ? (
        <Loaded query={choices}>
          {(data) => (data.months.length > 0 ? <Tracker choices={data} /> : <NoSheets choices={data} />)}
        </Loaded>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}

function Tracker({ choices }: { choices: OutstandingChoices }) {
  const format = useFormat()
  const { query } = useSheetFilters(choices)
  const tracker = useQuery(trackerQuery({ ...query, month: undefined }))
  return (
    <>
      <Pickers choices={choices} withMonth={false} />
      <Loaded query={tracker}>
        {(rows) => (
          <DataTable
            caption={t('core.nav_tracker')}
            columns={columns(format, query.department, query.region)}
            rows={rows}
            rowKey={(row) => row.monthYear}
            stale={tracker.isPlaceholderData}
          />
        )}
      </Loaded>
    </>
  )
}

const columns = (format: Formatter, department: string | undefined, region: string | undefined) => [
  {
    key: 'month',
    header: t('outstanding.month'),
    title: true,
    cell: (row: TrackedMonth) => {
      const search = new URLSearchParams({
        month: row.monthYear,
        ...(department ? { department } : {}),
        ...(region ? { region } : {}),
      })
      return (
        <TextLink to={`/outstanding/sheet?${search}`} data-row-link>
          {row.monthYear}
        </TextLink>
      )
    },
  },
  right('invoices', t('outstanding.invoices'), (row) => format.number(row.currentMonthInvoices)),
  right('amount', t('outstanding.amount'), (row) => format.money(row.currentMonthAmount)),
  right('was_invoices', t('outstanding.before_invoices'), (row) => format.number(row.previousMonthInvoices)),
  right('was_amount', t('outstanding.before_amount'), (row) => format.money(row.previousMonthAmount)),
  right(
    'difference',
    t('outstanding.difference'),
    (row) => `${row.invoiceCountChange > 0 ? '+' : ''}${format.number(row.invoiceCountChange)}`,
  ),
  right('disputed', t('outstanding.disputed'), (row) => format.number(row.disputedInvoices)),
]
const right = (key: string, header: string, cell: (row: TrackedMonth) => string) => ({
  key,
  header,
  cell,
  align: 'right' as const,
})
