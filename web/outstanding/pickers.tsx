import { Button, NativeSelect } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { t } from '../i18n.ts'
import { FilterBar } from '../shared/filter-bar.tsx'
import { Empty } from '../shared/states.tsx'
import { useFilters } from '../shared/use-filters.ts'
import type { OutstandingChoices } from '../wire.ts'
import type { SheetFilters } from './queries.ts'

const names = ['month', 'year', 'department', 'region'] as const

/** What the address asks for; what it leaves out is the latest month that has a sheet. */
export function useSheetFilters(choices: OutstandingChoices) {
  const [filters, setFilters] = useFilters(names)
  const of = (department: string | undefined) =>
    choices.months.filter((each) => !department || each.department === department)
  const months = of(filters.department)
  const year = filters.year ?? yearOf(choices, filters.month) ?? months[0]?.financialYear
  const inYear = [...new Set(months.filter((each) => each.financialYear === year).map(({ month }) => month))]
  const month = filters.month ?? inYear[0]
  const query: SheetFilters = {
    month,
    financialYear: year,
    department: filters.department,
    region: filters.region,
  }
  return { query, inYear, setFilters }
}
const yearOf = (choices: OutstandingChoices, month: string | undefined) =>
  choices.months.find((each) => each.month === month)?.financialYear

export function Pickers({
  choices,
  withMonth = true,
  children,
}: {
  choices: OutstandingChoices
  withMonth?: boolean
  children?: ReactNode
}) {
  const { query, inYear, setFilters } = useSheetFilters(choices)
  const months = query.month && !inYear.includes(query.month) ? [query.month, ...inYear] : inYear
  const all = { value: '', label: t('outstanding.all') }
  return (
    <FilterBar>
      <NativeSelect
        label={t('outstanding.year')}
        value={query.financialYear ?? ''}
        data={choices.financialYears}
        onChange={(event) => setFilters({ year: event.currentTarget.value, month: undefined })}
      />
      {withMonth && (
        <NativeSelect
          label={t('outstanding.month')}
          value={query.month ?? ''}
          data={months.length > 0 ? months : [{ value: '', label: '–' }]}
          onChange={(event) => setFilters({ month: event.currentTarget.value || undefined })}
        />
      )}
      {choices.departments.length > 1 && (
        <NativeSelect
          label={t('outstanding.department')}
          value={query.department ?? ''}
          data={[all, ...choices.departments]}
          onChange={(event) => setFilters({ department: event.currentTarget.value || undefined })}
        />
      )}
      {choices.regions.length > 0 && (
        <NativeSelect
          label={t('outstanding.region')}
          value={query.region ?? ''}
          data={[all, ...choices.regions.map(({ code, name }) => ({ value: code, label: name }))]}
          onChange={(event) => setFilters({ region: event.currentTarget.value || undefined })}
        />
      )}
      {children}
    </FilterBar>
  )
}

export function NoSheets({ choices }: { choices: OutstandingChoices }) {
  return (
    <Empty
      title={t('outstanding.no_sheets')}
      why={t(choices.mayUpload ? 'outstanding.no_sheets_why' : 'outstanding.no_sheets_wait')}
      action={choices.mayUpload && <UploadLink />}
    />
  )
}

export const UploadLink = () => (
  <Button component={Link} to={'/imports?target=outstanding' as string}>
    {t('outstanding.upload')}
  </Button>
)
