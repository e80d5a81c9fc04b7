import { Badge, NativeSelect, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { type Column, DataTable, Pager } from '../shared/data-table.tsx'
import { FilterBar } from '../shared/filter-bar.tsx'
import { Empty, FilteredEmpty, Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { pageOf } from '../shared/url-filters.ts'
import { useFilters } from '../shared/use-filters.ts'
import type { ImportRow, Page } from '../wire.ts'
import { isWorking, standingLabel, statusChoice, statusColours } from './words.ts'

export function PastImports() {
  const format = useFormat()
  const [filters, setFilters] = useFilters(['status', 'page'])
  const page = pageOf(filters.page)
  const imports = useQuery({
    queryKey: ['imports', 'list', { page, status: filters.status }],
    queryFn: () => api<Page<ImportRow>>('GET', '/api/imports', { query: { page, status: filters.status } }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.items.some((one) => isWorking(one.status)) ? 2_000 : false),
  })
  const columns: Column<ImportRow>[] = [
    {
      key: 'file',
      header: t('imports.file'),
      title: true,
      cell: (one) => (
        <TextLink to={`/imports/${one.id}`} data-row-link inherit>
          {one.file_name}
        </TextLink>
      ),
    },
    {
      key: 'source',
      header: t('imports.source'),
      wideOnly: true,
      cell: (one) => <span className="wrap-anywhere">{one.source_name ?? '–'}</span>,
    },
    { key: 'as_of', header: t('imports.as_of'), cell: (one) => format.day(one.as_of) },
    { key: 'at', header: t('imports.imported'), cell: (one) => format.instant(one.created_at) },
    { key: 'rows', header: t('imports.rows'), align: 'right', cell: (one) => format.number(one.rows) },
    { key: 'new', header: t('imports.outcome_new'), align: 'right', cell: (one) => format.number(one.new) },
    {
      key: 'changed',
      header: t('imports.outcome_changed'),
      align: 'right',
      cell: (one) => format.number(one.changed),
    },
    {
      key: 'rejected',
      header: t('imports.outcome_rejected'),
      align: 'right',
      cell: (one) => format.number(one.rejected),
    },
    {
      key: 'status',
      header: t('imports.status'),
      cell: (one) => (
        <Badge color={statusColours[one.status] ?? 'gray'} miw="max-content">
          {standingLabel(one)}
        </Badge>
      ),
    },
  ]
  return (
    <section aria-labelledby="past" style={{ marginTop: 28 }}>
      <Title order={2} size="h4" id="past" mb="sm">
        {t('imports.past')}
      </Title>
      <FilterBar>
        <NativeSelect
          label={t('imports.status')}
          value={filters.status ?? ''}
          data={statusChoice()}
          onChange={(event) => setFilters({ status: event.currentTarget.value || undefined })}
        />
      </FilterBar>
      <Loaded query={imports} lines={4}>
        {(data) =>
          data.items.length === 0 && filters.status ? (
            <FilteredEmpty onClear={() => setFilters({ status: undefined })} />
          ) : data.items.length === 0 ? (
            <Empty title={t('imports.none')} why={t('imports.none_why')} />
          ) : (
            <>
              <DataTable
                caption={t('imports.past')}
                columns={columns}
                rows={data.items}
                rowKey={(one) => one.id}
                stale={imports.isPlaceholderData}
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
    </section>
  )
}
