import { Button, NativeSelect, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useCan, useFormat } from '../../session.ts'
import { Pager } from '../../shared/data-table.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page as PageFrame } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { MissingPage as MissingAnswer, MissingInvoice } from '../../wire.ts'
import { Decide } from '../decide.tsx'
import { keyOf, MissingTable } from '../missing-table.tsx'

/** The queue "paid or withdrawn?": invoices that a complete file covered and did not name. */
export default function MissingPage() {
  const may = useCan('receivables.import')
  return (
    <PageFrame
      title={t('imports.missing_title')}
      lead={t('imports.missing_lead')}
      actions={
        <Button component={Link} to="/imports" variant="default">
          {t('imports.all')}
        </Button>
      }
    >
      {may ? <Queue /> : <Forbidden permission="receivables.import" />}
    </PageFrame>
  )
}

function Queue() {
  const [filters, setFilters] = useFilters(['import_id', 'decided', 'search', 'page'])
  const [chosen, setChosen] = useState<ReadonlyMap<string, MissingInvoice>>(new Map())
  const query = {
    import_id: filters.import_id,
    search: filters.search,
    decided: filters.decided === 'all' ? undefined : (filters.decided ?? 'false'),
    page: pageOf(filters.page),
    page_size: 50,
  }
  const missing = useQuery({
    queryKey: ['imports', 'missing', query],
    queryFn: ({ signal }) => api<MissingAnswer>('GET', '/api/imports/missing', { query, signal }),
    placeholderData: keepPreviousData,
  })
  const narrow = (changes: Parameters<typeof setFilters>[0]) => {
    setChosen(new Map())
    setFilters(changes)
  }
  return (
    <>
      <FilterBar
        onClear={
          Boolean(filters.import_id || filters.search) &&
          (() => narrow({ import_id: undefined, search: undefined }))
        }
      >
        <SearchField
          label={t('imports.search_missing')}
          value={filters.search}
          onChange={(search) => narrow({ search })}
        />
        <NativeSelect
          label={t('imports.show')}
          value={filters.decided ?? 'false'}
          data={[
            { value: 'false', label: t('imports.undecided') },
            { value: 'true', label: t('imports.decided') },
            { value: 'all', label: t('core.filter_all') },
          ]}
          onChange={(event) => {
            const { value } = event.currentTarget
            narrow({ decided: value === 'false' ? undefined : value })
          }}
        />
        {filters.import_id && (
          <Text size="sm" pb={8}>
            {t('imports.only_import', { id: filters.import_id })}
          </Text>
        )}
      </FilterBar>
      <Loaded query={missing}>
        {(data) =>
          data.items.length === 0 && filters.search ? (
            <FilteredEmpty onClear={() => narrow({ search: undefined })} />
          ) : data.items.length === 0 ? (
            <Empty title={t('imports.none_missing')} why={t('imports.none_missing_why')} />
          ) : (
            <>
              <Totals totals={data.totals} />
              <Decide chosen={[...chosen.values()]} onDone={() => setChosen(new Map())} />
              <MissingTable
                rows={data.items}
                stale={missing.isPlaceholderData}
                chosen={chosen}
                onChoose={(rows, on) => {
                  const next = new Map(chosen)
                  for (const row of rows) {
                    if (on) next.set(keyOf(row), row)
                    else next.delete(keyOf(row))
                  }
                  setChosen(next)
                }}
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

/** The money of everything that is found, in each currency by itself. */
function Totals({ totals }: Pick<MissingAnswer, 'totals'>) {
  const format = useFormat()
  return (
    <dl style={{ margin: '0 0 14px', display: 'flex', flexWrap: 'wrap', gap: '4px 24px' }}>
      <Text component="dt" size="sm" c="dimmed">
        {t('imports.missing_total_of')}
      </Text>
      {totals.map(({ currency, count, open_amount }) => (
        <Text key={currency} component="dd" size="sm" m={0} className="figure">
          {t('imports.missing_total', { amount: format.money(open_amount, currency), count })}
        </Text>
      ))}
    </dl>
  )
}
