import { Badge, Button, Group, NativeSelect, Pagination, Text } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import chips from '../receivables/bucket-chips.module.css'
import { useFormat } from '../session.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { FilterBar } from '../shared/filter-bar.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import type { Formatter } from '../shared/format.ts'
import { SearchField } from '../shared/search-field.tsx'
import { Empty, Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { done } from '../shared/toast.tsx'
import { pageOf } from '../shared/url-filters.ts'
import { useFilters } from '../shared/use-filters.ts'
import type { DryRun as Answer, DunningLine } from '../wire.ts'
import { channelWord, gateWord, Reasons, stateWord } from './words.tsx'

const PAGE_SIZE = 50

/** Who gets which reminder today, and why others get nothing or less. */
export function DryRun() {
  const format = useFormat()
  const client = useQueryClient()
  const [filters, setFilters] = useFilters(['search', 'action', 'gate', 'page'])
  const body = {
    search: filters.search,
    action: filters.action,
    gate: filters.gate,
    page: pageOf(filters.page),
    page_size: PAGE_SIZE,
  }
  const run = useQuery({
    queryKey: ['dunning', 'run', body],
    queryFn: ({ signal }) => api<Answer>('POST', '/api/receivables/dunning/dry-run', { body, signal }),
    placeholderData: keepPreviousData,
  })
  const { busy, error, submit } = useSubmit(async () => {
    const counts = await api<Record<string, number>>('POST', '/api/receivables/dunning/prepare', { body: {} })
    done(t('dunning.prepared', counts))
    await client.invalidateQueries({ queryKey: ['dunning'] })
    setFilters({ part: 'queue' } as never)
  })
  return (
    <Loaded query={run} lines={10}>
      {(answer) => {
        const messages = answer.totals.reduce((sum, total) => sum + total.messages, 0)
        return (
          <>
            <FormError error={error} />
            <Group justify="space-between" align="flex-end" mb="md">
              <div>
                {answer.totals.map((total) => (
                  <Text key={total.currency} component="div">
                    {t('dunning.totals', {
                      messages: total.messages,
                      customers: total.customers,
                      amount: format.money(total.amount, total.currency),
                    })}
                  </Text>
                ))}
              </div>
              <Button loading={busy} disabled={messages === 0} onClick={() => void submit({})}>
                {t('dunning.prepare', { count: messages })}
              </Button>
            </Group>
            <FilterBar>
              <SearchField
                label={t('dunning.search')}
                value={filters.search}
                onChange={(search) => setFilters({ search }, { replace: true })}
              />
              <NativeSelect
                label={t('dunning.show')}
                value={filters.action ?? ''}
                data={[
                  { value: '', label: t('dunning.show_all') },
                  { value: 'message', label: t('dunning.show_message') },
                  { value: 'nothing', label: t('dunning.show_nothing') },
                ]}
                onChange={(event) => setFilters({ action: event.currentTarget.value || undefined })}
              />
            </FilterBar>
            {answer.gates.length > 0 && (
              <fieldset className={`${chips.chips} no-print`}>
                <legend className={chips.legend}>{t('dunning.why_not')}</legend>
                {answer.gates.map(({ gate, count }) => (
                  <button
                    key={gate}
                    type="button"
                    className={chips.chip}
                    aria-pressed={gate === filters.gate}
                    onClick={() => setFilters({ gate: gate === filters.gate ? undefined : gate })}
                  >
                    {gateWord(gate)}
                    <span className={chips.count}>{format.number(count)}</span>
                  </button>
                ))}
              </fieldset>
            )}
            {answer.total === 0 ? (
              <Empty title={t('dunning.nobody')} why={t('dunning.nobody_why')} />
            ) : (
              <DataTable
                caption={t('dunning.tab_run')}
                columns={columnsOf(format)}
                rows={answer.items}
                rowKey={(line) => `${line.customer_id} ${line.currency}`}
                stale={run.isPlaceholderData}
              />
            )}
            {answer.pages > 1 && (
              <Pagination
                mt="md"
                total={answer.pages}
                value={answer.page}
                onChange={(page) => setFilters({ page: String(page) })}
                getControlProps={(control) => ({ 'aria-label': control })}
              />
            )}
          </>
        )
      }}
    </Loaded>
  )
}

function columnsOf(format: Formatter): Column<DunningLine>[] {
  return [
    {
      key: 'customer',
      header: t('dunning.customer'),
      title: true,
      cell: (line) => (
        <>
          <TextLink to={`/receivables/customers/${line.customer_id}`} data-row-link inherit>
            {line.customer_name}
          </TextLink>
          <Text size="xs" c="dimmed" fw={400}>
            {[
              line.policy_name,
              line.message && t('dunning.in_queue', { state: stateWord(line.message.state) }),
            ]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        </>
      ),
    },
    {
      key: 'gets',
      header: t('dunning.gets'),
      width: '240px',
      cell: (line) =>
        line.step === null ? (
          <Text c="dimmed" component="span">
            {t('dunning.nothing')}
          </Text>
        ) : (
          <>
            <Badge variant="light">
              {t('dunning.step', { step: line.step, channel: channelWord(line.channel!) })}
            </Badge>
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {line.recipient}
            </Text>
          </>
        ),
    },
    {
      key: 'reasons',
      header: t('dunning.reasons'),
      cell: (line) => <Reasons reasons={line.reasons} currency={line.currency} />,
    },
    {
      key: 'amount',
      header: t('dunning.amount'),
      align: 'right',
      width: '140px',
      cell: (line) =>
        line.step === null ? '–' : <strong>{format.money(line.amount, line.currency)}</strong>,
    },
  ]
}
