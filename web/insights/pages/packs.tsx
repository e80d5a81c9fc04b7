import { Button, Checkbox, Group, Modal, NativeSelect, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { type MessageKey, t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable, Pager } from '../../shared/data-table.tsx'
import { FormError, required, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { Pack, Page as PageOf, ReportSchedule } from '../../wire.ts'
import { InsightTabs } from '../tabs.tsx'

const root = '/api/receivables/insights'

/** Packs that were made, and the schedules that make them. */
export default function PacksPage() {
  const me = useMe()
  return (
    <Page title={t('insights.tab_packs')} lead={t('insights.packs_lead')}>
      {can(me, 'reports.director') ? (
        <>
          <InsightTabs />
          <Stack gap="lg">
            <Schedules />
            <Made />
          </Stack>
        </>
      ) : (
        <Forbidden permission="reports.director" />
      )}
    </Page>
  )
}

function Schedules() {
  const format = useFormat()
  const client = useQueryClient()
  const [adding, setAdding] = useState(false)
  const schedules = useQuery({
    queryKey: ['insights', 'schedules'],
    queryFn: () => api<{ items: ReportSchedule[] }>('GET', `${root}/schedules`),
  })
  const again = () => client.invalidateQueries({ queryKey: ['insights'] })
  const rest = useMutation({
    mutationFn: ({ id, is_active }: ReportSchedule) =>
      api('PUT', `${root}/schedules/${id}`, { body: { is_active: !is_active } }),
    onSuccess: again,
    onError: failed,
  })
  const run = useMutation({
    mutationFn: ({ id }: ReportSchedule) => api('POST', `${root}/schedules/${id}/run`),
    onSuccess: () => {
      done(t('insights.pack_made'))
      return again()
    },
    onError: failed,
  })
  const columns: Column<ReportSchedule>[] = [
    { key: 'name', header: t('insights.schedule_name'), title: true, cell: ({ name }) => name },
    {
      key: 'every',
      header: t('insights.every'),
      cell: ({ every }) => t(`insights.every_${every}` as MessageKey),
    },
    {
      key: 'to',
      header: t('insights.readers'),
      cell: ({ users }) => users.map(({ full_name }) => full_name).join(', '),
    },
    {
      key: 'next',
      header: t('insights.next'),
      cell: ({ next_on, is_active }) => (is_active ? format.day(next_on) : t('insights.rests')),
    },
    {
      key: 'mail',
      header: t('insights.mail'),
      cell: ({ waiting }) => (waiting > 0 ? t('insights.waiting', { count: waiting }) : '–'),
    },
    {
      key: 'act',
      header: t('insights.acts'),
      cell: (schedule) => (
        <Group gap="sm" wrap="nowrap">
          <Switch
            size="sm"
            checked={schedule.is_active}
            aria-label={t('insights.active_of', { name: schedule.name })}
            onChange={() => rest.mutate(schedule)}
          />
          <Button size="xs" variant="default" loading={run.isPending} onClick={() => run.mutate(schedule)}>
            {t('insights.make_now')}
          </Button>
        </Group>
      ),
    },
  ]
  return (
    <Section
      title={t('insights.schedules')}
      why={t('insights.schedules_why')}
      actions={<Button onClick={() => setAdding(true)}>{t('insights.add_schedule')}</Button>}
    >
      <Loaded query={schedules} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('insights.no_schedules')}</Text>
          ) : (
            <DataTable
              caption={t('insights.schedules')}
              columns={columns}
              rows={items}
              rowKey={({ id }) => id}
            />
          )
        }
      </Loaded>
      <Modal opened={adding} onClose={() => setAdding(false)} title={t('insights.add_schedule')}>
        <NewSchedule
          onDone={() => {
            setAdding(false)
            void again()
          }}
        />
      </Modal>
    </Section>
  )
}

function NewSchedule({ onDone }: { onDone: () => void }) {
  const me = useMe()
  const readers = useQuery({
    queryKey: ['insights', 'readers'],
    queryFn: () => api<{ items: { id: number; full_name: string }[] }>('GET', `${root}/readers`),
  })
  const form = useForm({
    initialValues: { name: t('insights.schedule_default'), every: 'week', user_ids: [String(me.id)] },
    validate: { name: required, user_ids: (ids) => (ids.length > 0 ? null : t('core.required_field')) },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await api('POST', `${root}/schedules`, { body: { ...values, user_ids: values.user_ids.map(Number) } })
    done(t('core.saved'))
    onDone()
  }, form)
  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))}>
      <Stack>
        <FormError error={error} />
        <TextInput label={t('insights.schedule_name')} data-autofocus {...form.getInputProps('name')} />
        <NativeSelect
          label={t('insights.every')}
          data={['day', 'week', 'month'].map((value) => ({
            value,
            label: t(`insights.every_${value}` as MessageKey),
          }))}
          {...form.getInputProps('every')}
        />
        <Checkbox.Group
          label={t('insights.readers')}
          description={t('insights.readers_why')}
          {...form.getInputProps('user_ids')}
        >
          <Stack gap="xs" mt="xs">
            {(readers.data?.items ?? []).map(({ id, full_name }) => (
              <Checkbox key={id} value={String(id)} label={full_name} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Button type="submit" loading={busy}>
          {t('core.save')}
        </Button>
      </Stack>
    </form>
  )
}

function Made() {
  const format = useFormat()
  const [filters, set] = useFilters(['page'])
  const page = Number(filters.page ?? 1)
  const packs = useQuery({
    queryKey: ['insights', 'packs', page],
    queryFn: () => api<PageOf<Pack>>('GET', `${root}/packs`, { query: { page, page_size: 20 } }),
  })
  const columns: Column<Pack>[] = [
    {
      key: 'as_of',
      header: t('insights.as_of'),
      title: true,
      cell: ({ id, as_of }) => (
        <a href={`${root}/packs/${id}/file`} download>
          {format.day(as_of)}
        </a>
      ),
    },
    { key: 'name', header: t('insights.schedule_name'), cell: ({ name }) => name ?? '–' },
    { key: 'made', header: t('insights.made'), cell: ({ created_at }) => format.instant(created_at) },
    {
      key: 'to',
      header: t('insights.readers'),
      cell: ({ deliveries }) =>
        deliveries
          .map(({ full_name, mail }) =>
            t('insights.delivery', { name: full_name, mail: t(`insights.mail_${mail}` as MessageKey) }),
          )
          .join(', ') || '–',
    },
  ]
  return (
    <Section title={t('insights.packs_made')}>
      <Loaded query={packs} lines={3}>
        {(answer) =>
          answer.total === 0 ? (
            <Text c="dimmed">{t('insights.no_packs')}</Text>
          ) : (
            <>
              <DataTable
                caption={t('insights.packs_made')}
                columns={columns}
                rows={answer.items}
                rowKey={({ id }) => id}
              />
              <Pager
                page={answer.page}
                pages={answer.pages}
                total={answer.total}
                pageSize={answer.page_size}
                onPage={(next) => set({ page: String(next) })}
              />
            </>
          )
        }
      </Loaded>
    </Section>
  )
}
