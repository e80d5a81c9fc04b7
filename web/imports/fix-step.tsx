import { Button, Group, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { Pager } from '../shared/data-table.tsx'
import { FilterBar } from '../shared/filter-bar.tsx'
import { SearchField } from '../shared/search-field.tsx'
import { Empty, FilteredEmpty, Loaded } from '../shared/states.tsx'
import { pageOf } from '../shared/url-filters.ts'
import { useFilters } from '../shared/use-filters.ts'
import type { ImportCorrection, ImportLine, Page } from '../wire.ts'
import { alike, combined, forAll } from './corrections.ts'
import { Grid } from './grid.tsx'
import { readingOf, saidOf } from './reading.ts'
import { RejectedDownload } from './rejects.tsx'
import { StepFrame } from './step-frame.tsx'
import type { StepProps } from './wizard.tsx'

/** Rejected rows: each bad cell with its reason, mended in place, and everything checked again. */
export function FixStep({ one, acts, onStep }: StepProps) {
  const [filters, setFilters] = useFilters(['search', 'page'])
  const [corrections, setCorrections] = useState<ImportCorrection[]>([])
  const checkButton = useRef<HTMLButtonElement>(null)
  const query = { outcome: 'rejected', search: filters.search, page: pageOf(filters.page), page_size: 50 }
  const rows = useQuery({
    queryKey: ['imports', 'rows', one.id, query],
    queryFn: () => api<Page<ImportLine>>('GET', `/api/imports/${one.id}/rows`, { query }),
    placeholderData: keepPreviousData,
  })
  const last = corrections.at(-1)
  const others = last?.row === undefined ? 0 : alike(one.rejects, last.column, last.from)
  const check = async () => {
    if (await acts.revise({ corrections: combined(saidOf(one).corrections ?? [], corrections) }))
      setCorrections([])
  }
  if (one.rejected === 0)
    return (
      <StepFrame title={t('imports.fix_title')}>
        <Empty
          title={t('imports.nothing_rejected')}
          why={t('imports.nothing_rejected_why')}
          action={<Button onClick={() => onStep('difference')}>{t('imports.to_difference')}</Button>}
        />
      </StepFrame>
    )
  return (
    <StepFrame
      title={t('imports.fix_title')}
      why={t('imports.fix_why')}
      actions={
        <>
          <RejectedDownload id={one.id} />
          <Button
            variant={corrections.length > 0 ? 'default' : 'filled'}
            onClick={() => onStep('difference')}
          >
            {t('imports.to_difference')}
          </Button>
        </>
      }
    >
      <Stack gap="md">
        <FilterBar onClear={Boolean(filters.search) && (() => setFilters({ search: undefined }))}>
          <SearchField
            label={t('imports.search_rows')}
            value={filters.search}
            onChange={(search) => setFilters({ search }, { replace: true })}
          />
        </FilterBar>
        <Group gap="sm" mih={36}>
          {/* First, so that it stays under the pointer while a click ends the editing of a cell. */}
          <Button
            ref={checkButton}
            variant={corrections.length > 0 ? 'filled' : 'default'}
            disabled={acts.busy}
            loading={acts.doing === 'revise'}
            onClick={check}
          >
            {t('imports.check_again')}
          </Button>
          <Text role="status" size="sm">
            {t('imports.corrections', { count: corrections.length })}
          </Text>
          {others > 1 && last && (
            <Button
              variant="default"
              onClick={() => {
                setCorrections(forAll(corrections, last))
                checkButton.current?.focus()
              }}
            >
              {t('imports.apply_to_all', { count: others, value: last.from || t('imports.empty_cell') })}
            </Button>
          )}
        </Group>
        <Loaded query={rows}>
          {(data) =>
            data.items.length === 0 ? (
              <FilteredEmpty onClear={() => setFilters({ search: undefined })} />
            ) : (
              <>
                <Grid
                  columns={readingOf(one).table?.columns ?? []}
                  rows={data.items}
                  corrections={corrections}
                  onChange={setCorrections}
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
      </Stack>
    </StepFrame>
  )
}
