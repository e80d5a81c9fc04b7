import { ActionIcon, Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconTrash } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { SettingsTabs } from '../../admin/settings-tabs.tsx'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable, Pager } from '../../shared/data-table.tsx'
import { DateField } from '../../shared/date-field.tsx'
import { FormError, required, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { RatePage, RateRow, RatesSet } from '../../wire.ts'

const root = '/api/receivables/insights/rates'

/** What currencies are worth in the organisation's own, from day to day. */
export default function RatesPage() {
  const me = useMe()
  const sees = can(me, 'settings.read') || can(me, 'receivables.read')
  return (
    <Page
      title={t('insights.rates')}
      lead={t('insights.rates_lead', { currency: me.tenant?.currency ?? '' })}
    >
      {can(me, 'settings.read') && <SettingsTabs />}
      {sees ? <Rates writes={can(me, 'settings.write')} /> : <Forbidden permission="settings.read" />}
    </Page>
  )
}

function Rates({ writes }: { writes: boolean }) {
  const format = useFormat()
  const client = useQueryClient()
  const [filters, set] = useFilters(['page'])
  const page = Number(filters.page ?? 1)
  const rates = useQuery({
    queryKey: ['insights', 'rates', page],
    queryFn: () => api<RatePage>('GET', root, { query: { page, page_size: 50 } }),
  })
  const again = () => client.invalidateQueries({ queryKey: ['insights'] })
  const remove = async ({ currency, day, rate, source }: RateRow) => {
    try {
      await api('DELETE', `${root}/${currency}/${day}`)
      await again()
      done(t('insights.rate_removed', { currency, day: format.day(day) }), async () => {
        await api('POST', root, { body: { currency, day, rate, ...(source ? { source } : {}) } })
        await again()
      })
    } catch (error) {
      failed(error)
    }
  }
  const columns: Column<RateRow>[] = [
    { key: 'currency', header: t('core.currency'), title: true, cell: ({ currency }) => currency },
    { key: 'day', header: t('insights.from_day'), cell: ({ day }) => format.day(day) },
    {
      key: 'rate',
      header: t('insights.rate_in', { currency: format.currency }),
      align: 'right',
      cell: ({ rate }) => <span className="figure">{rate}</span>,
    },
    { key: 'source', header: t('insights.source'), cell: ({ source }) => source ?? '–' },
    { key: 'by', header: t('insights.by'), cell: ({ by }) => by ?? '–', wideOnly: true },
    ...(writes
      ? [
          {
            key: 'act',
            header: t('insights.acts'),
            cell: (row: RateRow) => (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('insights.remove_rate', { currency: row.currency, day: format.day(row.day) })}
                onClick={() => void remove(row)}
              >
                <IconTrash size={17} aria-hidden />
              </ActionIcon>
            ),
          },
        ]
      : []),
  ]
  return (
    <Stack gap="lg">
      {writes && (
        <>
          <One onDone={again} />
          <Many onDone={again} />
        </>
      )}
      <Loaded query={rates}>
        {(answer) =>
          answer.total === 0 ? (
            <Text c="dimmed">{t('insights.no_rates')}</Text>
          ) : (
            <div>
              <DataTable
                caption={t('insights.rates')}
                columns={columns}
                rows={answer.items}
                rowKey={({ currency, day }) => `${currency} ${day}`}
              />
              <Pager
                page={answer.page}
                pages={answer.pages}
                total={answer.total}
                pageSize={answer.page_size}
                onPage={(next) => set({ page: String(next) })}
              />
            </div>
          )
        }
      </Loaded>
    </Stack>
  )
}

const told = ({ added, changed, unchanged }: RatesSet) =>
  done(t('insights.rates_set', { added, changed, unchanged }))

function One({ onDone }: { onDone: () => unknown }) {
  const format = useFormat()
  const form = useForm({
    initialValues: { currency: '', day: format.today(), rate: '', source: '' },
    validate: { currency: required, day: required, rate: required },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    told(
      await api<RatesSet>('POST', root, {
        body: { ...values, currency: values.currency.trim().toUpperCase() },
      }),
    )
    form.setFieldValue('rate', '')
    onDone()
  }, form)
  return (
    <Section title={t('insights.add_rate')} why={t('insights.add_rate_why', { currency: format.currency })}>
      <form onSubmit={form.onSubmit((values) => void submit(values))}>
        <FormError error={error} />
        <Group align="flex-start" gap="sm">
          <TextInput label={t('core.currency')} maxLength={3} w={100} {...form.getInputProps('currency')} />
          <DateField label={t('insights.from_day')} {...form.getInputProps('day')} />
          <TextInput label={t('insights.rate')} inputMode="decimal" w={130} {...form.getInputProps('rate')} />
          <TextInput
            label={t('core.optional', { label: t('insights.source') })}
            {...form.getInputProps('source')}
          />
          <Button type="submit" loading={busy} mt={26}>
            {t('core.save')}
          </Button>
        </Group>
      </form>
    </Section>
  )
}

function Many({ onDone }: { onDone: () => unknown }) {
  const form = useForm({ initialValues: { text: '' }, validate: { text: required } })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    told(await api<RatesSet>('POST', `${root}/import`, { body: values }))
    form.reset()
    onDone()
  }, form)
  const read = async (file: File | undefined) => {
    if (file) form.setFieldValue('text', await file.text())
  }
  return (
    <Section title={t('insights.paste_rates')} why={t('insights.paste_rates_why')}>
      <form onSubmit={form.onSubmit((values) => void submit(values))}>
        <Stack gap="sm">
          <FormError error={error} />
          <Textarea
            label={t('insights.lines')}
            placeholder={'EUR, 2026-01-31, 1.0842'}
            autosize
            minRows={3}
            maxRows={12}
            {...form.getInputProps('text')}
          />
          <Group gap="md">
            <Button type="submit" loading={busy}>
              {t('insights.take_rates')}
            </Button>
            <label>
              <Text span size="sm" mr={6}>
                {t('insights.from_file')}
              </Text>
              <input
                type="file"
                accept=".csv,.txt,text/csv,text/plain"
                onChange={(event) => void read(event.currentTarget.files?.[0])}
              />
            </label>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
