import { Button, Group, NativeSelect, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { type Column, DataTable, Pager } from '../../shared/data-table.tsx'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { done, failed } from '../../shared/toast.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { WriteOff, WriteOffPage, WriteOffPolicy } from '../../wire.ts'
import { readAmount, textOf } from '../money.ts'
import { useMoved } from '../moved.ts'
import { reasonLabel } from '../words.ts'
import { usePolicy } from '../write-off.tsx'

export default function WriteOffs() {
  const me = useMe()
  return (
    <Page title={t('core.nav_write_offs')} lead={t('cash.write_offs_lead')}>
      {can(me, 'receivables.read') ? (
        <Stack gap="lg">
          <Queue />
          {can(me, 'settings.write') && <Policy />}
        </Stack>
      ) : (
        <Forbidden permission="receivables.read" />
      )}
    </Page>
  )
}

const states = ['requested', 'approved', 'rejected', 'reversed'] as const

function Queue() {
  const format = useFormat()
  const me = useMe()
  const moved = useMoved()
  const [{ state = 'requested', page }, setFilters] = useFilters(['state', 'page'])
  const query = { state: state === 'all' ? undefined : state, page: pageOf(page), page_size: 50 }
  const list = useQuery({
    queryKey: ['write-offs', query],
    queryFn: () => api<WriteOffPage>('GET', '/api/receivables/write-offs', { query }),
  })
  const act = useMutation({
    mutationFn: ({ one, what }: { one: WriteOff; what: 'approve' | 'reject' | 'reverse' }) =>
      api('POST', `/api/receivables/write-offs/${one.id}/${what}`, { body: {} }),
    onSuccess: async (_, { one, what }) => {
      const said = { invoice: one.invoice_number }
      if (what === 'approve')
        done(t('cash.approved', said), () =>
          api('POST', `/api/receivables/write-offs/${one.id}/reverse`).then(moved),
        )
      else done(what === 'reject' ? t('cash.rejected', said) : t('cash.write_off_reversed', said))
      await moved()
    },
    onError: failed,
  })
  const button = (one: WriteOff, what: 'approve' | 'reject' | 'reverse') => {
    const isOwn = one.requested_by?.id === Number(me.id)
    const [label, name] =
      what === 'approve'
        ? [t('cash.approve'), t('cash.approve_of', { invoice: one.invoice_number })]
        : what === 'reject'
          ? [
              isOwn ? t('cash.withdraw') : t('cash.reject'),
              t('cash.reject_of', { invoice: one.invoice_number }),
            ]
          : [t('cash.take_line_back'), t('cash.take_write_off_back', { invoice: one.invoice_number })]
    return (
      <Button
        size="compact-sm"
        variant={what === 'approve' ? 'filled' : 'default'}
        aria-label={name}
        disabled={act.isPending}
        onClick={() => act.mutate({ one, what })}
      >
        {label}
      </Button>
    )
  }
  const columns: Column<WriteOff>[] = [
    {
      key: 'invoice',
      header: t('cash.invoice'),
      title: true,
      cell: (one) => (
        <>
          <TextLink to={`/receivables/invoices/${one.invoice_id}`} data-row-link inherit>
            {one.invoice_number}
          </TextLink>
          <Text size="xs" c="dimmed" fw={400}>
            {one.customer_name}
          </Text>
        </>
      ),
    },
    {
      key: 'reason',
      header: t('cash.reason'),
      cell: (one) => (
        <>
          {reasonLabel(one.reason)}
          <Text size="xs" c="dimmed" className="wrap-anywhere">
            {one.note}
          </Text>
        </>
      ),
    },
    {
      key: 'asked',
      header: t('cash.asked_by'),
      cell: (one) => (
        <>
          {one.requested_by?.full_name ?? '–'}
          <Text size="xs" c="dimmed">
            {format.instant(one.requested_at)}
          </Text>
        </>
      ),
    },
    {
      key: 'decided',
      header: t('cash.decided_by'),
      cell: (one) =>
        one.decided_at ? (
          <>
            {one.decided_by?.full_name ?? '–'}
            <Text size="xs" c="dimmed">
              {one.self_approved ? t('cash.self_approved') : format.instant(one.decided_at)}
            </Text>
          </>
        ) : (
          '–'
        ),
    },
    {
      key: 'amount',
      header: t('cash.amount'),
      align: 'right',
      cell: (one) => <strong>{format.money(one.amount, one.currency)}</strong>,
    },
    {
      key: 'acts',
      header: t('cash.state'),
      cell: (one) => (
        <Group gap="xs">
          {one.may_approve && button(one, 'approve')}
          {one.may_reject && button(one, 'reject')}
          {one.state === 'requested' && !one.may_approve && (
            <Text size="xs" c="dimmed">
              {t('cash.somebody_else')}
            </Text>
          )}
          {one.state === 'approved' && can(me, 'receivables.settle') && button(one, 'reverse')}
          {one.state === 'rejected' && t('cash.write_offs_rejected')}
          {one.state === 'reversed' && t('cash.write_offs_reversed')}
        </Group>
      ),
    },
  ]
  const labels = {
    requested: t('cash.write_offs_waiting'),
    approved: t('cash.write_offs_approved'),
    rejected: t('cash.write_offs_rejected'),
    reversed: t('cash.write_offs_reversed'),
  }
  return (
    <div>
      <SegmentedControl
        mb="md"
        aria-label={t('cash.state')}
        value={state}
        data={[
          ...states.map((value) => ({ value, label: labels[value] })),
          { value: 'all', label: t('cash.write_offs_all') },
        ]}
        onChange={(value) => setFilters({ state: value === 'requested' ? undefined : value })}
      />
      <Loaded query={list} lines={6}>
        {(data) =>
          data.total === 0 ? (
            <Empty title={t('cash.no_write_offs')} why={t('cash.no_write_offs_why')} />
          ) : (
            <>
              <DataTable
                caption={t('core.nav_write_offs')}
                columns={columns}
                rows={data.items}
                rowKey={(one) => one.id}
                footer={data.totals.map((total) => ({
                  invoice: t('cash.total_write_offs', { count: total.count }),
                  amount: format.money(total.amount, total.currency),
                }))}
              />
              <Pager
                page={data.page}
                pages={data.pages}
                total={data.total}
                pageSize={data.page_size}
                onPage={(next) => setFilters({ page: String(next) })}
              />
            </>
          )
        }
      </Loaded>
    </div>
  )
}

function Policy() {
  const policy = usePolicy()
  return (
    <Loaded query={policy} lines={4}>
      {(shown) => <PolicyForm key={JSON.stringify(shown)} policy={shown} />}
    </Loaded>
  )
}

function PolicyForm({ policy }: { policy: WriteOffPolicy }) {
  const client = useQueryClient()
  const { currency } = policy
  const setting = policy.segregation_of_duties
  const form = useForm({
    initialValues: {
      limits: policy.limits.map(({ amount }) => textOf(amount, currency)),
      segregation: setting === null ? 'auto' : setting ? 'on' : 'off',
    },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    const wrong = values.limits.findIndex((text) => readAmount(text) === null)
    if (wrong >= 0) {
      form.setFieldError(`limits.${wrong}`, t('cash.not_an_amount'))
      return
    }
    await api('PUT', '/api/receivables/write-offs/policy', {
      body: {
        limits: policy.limits.map(({ role_id }, at) => ({
          role_id,
          amount: readAmount(values.limits[at]!)!,
        })),
        segregation_of_duties: values.segregation === 'auto' ? null : values.segregation === 'on',
      },
    })
    done(t('cash.policy_saved'))
    await client.invalidateQueries({ queryKey: ['write-offs'] })
  })
  return (
    <Section title={t('cash.policy')} why={t('cash.policy_why', { currency })}>
      <form onSubmit={form.onSubmit(submit)}>
        <Stack gap="md" maw={460}>
          {policy.limits.map(({ role_id, role }, at) => (
            <TextInput
              key={role_id}
              label={role}
              inputMode="decimal"
              className="figure"
              {...form.getInputProps(`limits.${at}`)}
            />
          ))}
          <NativeSelect
            label={t('cash.segregation')}
            data={[
              { value: 'auto', label: t('cash.segregation_auto') },
              { value: 'on', label: t('cash.segregation_on') },
              { value: 'off', label: t('cash.segregation_off') },
            ]}
            {...form.getInputProps('segregation')}
          />
          <FormError error={error} />
          <Group>
            <Button type="submit" loading={busy} disabled={!form.isDirty()}>
              {t('cash.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
