import { NativeSelect, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import { FilterBar } from '../shared/filter-bar.tsx'
import { useRegionsByAge, useView, type ViewFilters } from './queries.ts'

const DAY = 86_400_000
const addDays = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10)
const lengths = [30, 90, 180, 365]

/** The day, the length of the period, what was known, and in which money. */
export function ViewBar({ period = true }: { period?: boolean }) {
  const format = useFormat()
  const [filters, set] = useView()
  const currencies = useRegionsByAge({}).data?.currencies ?? []
  const day = filters.as_of ?? filters.known_on ?? format.today()
  const days = filters.from ? Math.round((Date.parse(day) - Date.parse(filters.from)) / DAY) + 1 : 90
  const money = filters.reporting ? `all ${filters.reporting}` : (filters.currency ?? format.currency)
  const change = (changes: ViewFilters) => set(changes as never)
  return (
    <>
      <FilterBar>
        <DateField
          label={t('insights.as_of')}
          value={day}
          max={format.today()}
          onChange={(event) => {
            const as_of = event.currentTarget.value || undefined
            // The period keeps its length.
            change({
              as_of,
              ...(filters.from && as_of ? { from: addDays(as_of, 1 - days) } : {}),
            })
          }}
        />
        {period && (
          <NativeSelect
            label={t('insights.period')}
            value={String(days)}
            data={[...new Set([...lengths, days])]
              .sort((a, b) => a - b)
              .map((length) => ({
                value: String(length),
                label: t('insights.period_days', { days: length }),
              }))}
            onChange={(event) => {
              const length = Number(event.currentTarget.value)
              change({ from: length === 90 ? undefined : addDays(day, 1 - length) })
            }}
          />
        )}
        <DateField
          label={t('insights.known_on')}
          value={filters.known_on ?? ''}
          max={format.today()}
          onChange={(event) => change({ known_on: event.currentTarget.value || undefined })}
        />
        {currencies.length > 1 && (
          <NativeSelect
            label={t('core.currency')}
            value={money}
            data={[
              ...currencies.map((code) => ({ value: code, label: code })),
              ...[...new Set([format.currency, ...currencies])].map((code) => ({
                value: `all ${code}`,
                label: t('insights.all_in', { currency: code }),
              })),
            ]}
            onChange={(event) => {
              const said = event.currentTarget.value
              change(
                said.startsWith('all ')
                  ? { reporting: said.slice(4), currency: undefined }
                  : { currency: said, reporting: undefined },
              )
            }}
          />
        )}
      </FilterBar>
      {filters.known_on && (
        <Text size="sm" c="dimmed" mb="md" role="status">
          {t('insights.known_on_why', { day: format.day(filters.known_on) })}
        </Text>
      )}
    </>
  )
}
