import { Group } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { type Column, DataTable, Pager } from '../shared/data-table.tsx'
import { FilterBar } from '../shared/filter-bar.tsx'
import { SearchField } from '../shared/search-field.tsx'
import { Empty, FilteredEmpty, Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { pageOf } from '../shared/url-filters.ts'
import { useFilters } from '../shared/use-filters.ts'
import type { ImportLine, ImportOutcome, Page } from '../wire.ts'
import { Changes } from './changes.tsx'
import { RejectedDownload } from './rejects.tsx'
import { outcomeLabel } from './words.ts'

type Props = {
  id: number
  outcome: ImportOutcome
  /** The invoices are in the books, and may be seen. */
  linked: boolean
}

/** The rows of one outcome, a page at a time. */
export function RowsTable({ id, outcome, linked }: Props) {
  const format = useFormat()
  const [filters, setFilters] = useFilters(['search', 'page'])
  const query = { outcome, search: filters.search, page: pageOf(filters.page), page_size: 25 }
  const rows = useQuery({
    queryKey: ['imports', 'rows', id, query],
    queryFn: () => api<Page<ImportLine>>('GET', `/api/imports/${id}/rows`, { query }),
    placeholderData: keepPreviousData,
  })
  const money = (amount: number | null, { currency }: ImportLine) =>
    amount === null ? '–' : currency ? format.money(amount, currency) : format.number(amount)
  const columns: Column<ImportLine>[] = [
    {
      key: 'number',
      header: t('imports.field_invoice_number'),
      title: true,
      cell: (line) =>
        linked && line.invoice_id !== null ? (
          <TextLink to={`/receivables/invoices/${line.invoice_id}`} data-row-link inherit>
            {line.invoice_number}
          </TextLink>
        ) : (
          (line.invoice_number ?? '–')
        ),
    },
    ...(outcome === 'missing'
      ? []
      : [
          {
            key: 'row',
            header: t('imports.row'),
            align: 'right' as const,
            cell: (line: ImportLine) => line.row,
          },
        ]),
    {
      key: 'customer',
      header: t('imports.customer'),
      cell: (line) => <span className="wrap-anywhere">{line.customer_name ?? '–'}</span>,
    },
    ...(outcome === 'changed'
      ? [
          {
            key: 'changes',
            header: t('imports.changes'),
            cell: (line: ImportLine) => <Changes line={line} />,
          },
        ]
      : []),
    ...(outcome === 'rejected'
      ? [
          {
            key: 'problems',
            header: t('imports.reason'),
            cell: (line: ImportLine) =>
              line.problems.map(({ column, value, reason }) => (
                <div key={`${column}:${reason}`} className="wrap-anywhere">
                  {column ? t('imports.problem', { column, value: value ?? '', reason }) : reason}
                </div>
              )),
          },
        ]
      : [
          {
            key: 'amount',
            header: t('imports.field_amount'),
            align: 'right' as const,
            cell: (line: ImportLine) => money(line.amount, line),
          },
          {
            key: 'open',
            header: t('imports.field_open_amount'),
            align: 'right' as const,
            cell: (line: ImportLine) => money(line.open_amount, line),
          },
        ]),
  ]
  return (
    <>
      <Group justify="space-between" align="flex-end" gap="sm">
        <FilterBar onClear={Boolean(filters.search) && (() => setFilters({ search: undefined }))}>
          <SearchField
            label={t('imports.search_rows')}
            value={filters.search}
            onChange={(search) => setFilters({ search }, { replace: true })}
          />
        </FilterBar>
        {outcome === 'rejected' && (
          <div style={{ marginBottom: 'var(--mantine-spacing-md)' }}>
            <RejectedDownload id={id} />
          </div>
        )}
      </Group>
      <Loaded query={rows}>
        {(data) =>
          data.items.length === 0 ? (
            filters.search ? (
              <FilteredEmpty onClear={() => setFilters({ search: undefined })} />
            ) : (
              <Empty title={t('imports.no_rows')} why={t('imports.no_rows_why')} />
            )
          ) : (
            <>
              <DataTable
                caption={outcomeLabel(outcome)}
                columns={columns}
                rows={data.items}
                rowKey={(line) => line.row}
                stale={rows.isPlaceholderData}
              />
              <Pager
                page={data.page}
                pages={data.pages}
                total={data.total}
                pageSize={data.page_size}
                onPage={(next) => setFilters({ page: next === 1 ? undefined : String(next) })}
              />
            </>
          )
        }
      </Loaded>
    </>
  )
}
