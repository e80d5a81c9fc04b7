import { Badge, Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useFormat, useMe } from '../../session.ts'
import { Confirm } from '../../shared/confirm.tsx'
import { type Column, DataTable, Pager } from '../../shared/data-table.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { SearchField } from '../../shared/search-field.tsx'
import { Empty, FilteredEmpty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { done } from '../../shared/toast.tsx'
import { pageOf } from '../../shared/url-filters.ts'
import { useFilters } from '../../shared/use-filters.ts'
import type { Page as PageOf, Suppression } from '../../wire.ts'
import { mayReadMessages, maySend } from '../may.ts'
import { CommunicationTabs } from '../tabs.tsx'
import { kindWord, reasonWord } from '../words.ts'

const PAGE_SIZE = 50
const root = '/api/communications/suppressions'
const reasons = ['opted_out', 'bounced', 'spam', 'manual'] as const

/** Addresses that nothing is sent to any more, and why. */
export default function Suppressions() {
  const me = useMe()
  const [adding, setAdding] = useState(false)
  return (
    <Page
      title={t('communications.tab_suppressions')}
      lead={t('communications.suppressions_lead')}
      actions={
        maySend(me) && <Button onClick={() => setAdding(true)}>{t('communications.add_suppression')}</Button>
      }
    >
      {mayReadMessages(me) ? (
        <>
          <CommunicationTabs />
          <List mayChange={maySend(me)} />
          {adding && <Add onClose={() => setAdding(false)} />}
        </>
      ) : (
        <Forbidden permission="debtors.read" />
      )}
    </Page>
  )
}

function List({ mayChange }: { mayChange: boolean }) {
  const format = useFormat()
  const [filters, set] = useFilters(['search', 'kind', 'reason', 'page'])
  const [lifted, setLifted] = useState<Suppression | null>(null)
  const query = {
    search: filters.search,
    kind: filters.kind,
    reason: filters.reason,
    page: pageOf(filters.page),
    page_size: PAGE_SIZE,
  }
  const list = useQuery({
    queryKey: ['suppressions', query],
    queryFn: ({ signal }) => api<PageOf<Suppression>>('GET', root, { query, signal }),
    placeholderData: keepPreviousData,
  })
  const filtered = Boolean(filters.search || filters.kind || filters.reason)
  const clear = () => set({ search: undefined, kind: undefined, reason: undefined })
  const all = { value: '', label: t('core.filter_all') }
  const columns: Column<Suppression>[] = [
    {
      key: 'address',
      header: t('communications.address'),
      title: true,
      cell: ({ address, kind }) => (
        <>
          <span style={{ overflowWrap: 'anywhere' }}>{kind === 'sms' ? `+${address}` : address}</span>
          <Text size="xs" c="dimmed" fw={400}>
            {kindWord(kind)}
          </Text>
        </>
      ),
    },
    {
      key: 'reason',
      header: t('communications.reason'),
      cell: ({ reason, source }) => (
        <>
          <Badge color={reason === 'manual' ? 'gray' : 'brass'}>{reasonWord(reason)}</Badge>
          {source && (
            <Text size="xs" c="dimmed">
              {source}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'who',
      header: t('communications.who'),
      cell: ({ customers }) =>
        customers.length === 0
          ? '–'
          : customers.slice(0, 3).map(({ id, name }) => (
              <div key={id}>
                <TextLink to={`/receivables/customers/${id}`}>{name}</TextLink>
              </div>
            )),
    },
    {
      key: 'since',
      header: t('communications.since'),
      width: '180px',
      cell: ({ since, created_by }) => (
        <>
          {format.instant(since)}
          {created_by && (
            <Text size="xs" c="dimmed">
              {created_by.full_name}
            </Text>
          )}
        </>
      ),
    },
    ...(mayChange
      ? [
          {
            key: 'act',
            header: t('communications.acts'),
            width: '140px',
            cell: (each: Suppression) => (
              <Button size="compact-sm" variant="default" onClick={() => setLifted(each)}>
                {t('communications.lift')}
              </Button>
            ),
          },
        ]
      : []),
  ]
  return (
    <>
      <FilterBar onClear={filtered && clear}>
        <SearchField
          label={t('communications.search_address')}
          value={filters.search}
          onChange={(search) => set({ search }, { replace: true })}
        />
        <NativeSelect
          label={t('communications.channel')}
          value={filters.kind ?? ''}
          data={[all, ...['email', 'sms'].map((value) => ({ value, label: kindWord(value) }))]}
          onChange={(event) => set({ kind: event.currentTarget.value || undefined })}
        />
        <NativeSelect
          label={t('communications.reason')}
          value={filters.reason ?? ''}
          data={[all, ...reasons.map((value) => ({ value, label: reasonWord(value) }))]}
          onChange={(event) => set({ reason: event.currentTarget.value || undefined })}
        />
      </FilterBar>
      <Loaded query={list} lines={6}>
        {({ items, page, pages, total }) =>
          total === 0 ? (
            filtered ? (
              <FilteredEmpty onClear={clear} />
            ) : (
              <Empty
                title={t('communications.no_suppressions')}
                why={t('communications.no_suppressions_why')}
              />
            )
          ) : (
            <>
              <DataTable
                caption={t('communications.tab_suppressions')}
                columns={columns}
                rows={items}
                rowKey={({ id }) => id}
                stale={list.isPlaceholderData}
              />
              <Pager
                page={page}
                pages={pages}
                total={total}
                pageSize={PAGE_SIZE}
                onPage={(next) => set({ page: String(next) })}
              />
            </>
          )
        }
      </Loaded>
      {lifted && <Lift suppression={lifted} onClose={() => setLifted(null)} />}
    </>
  )
}

/** Somebody who asked not to be written to must have said so themselves: that is asked, not assumed. */
function Lift({ suppression, onClose }: { suppression: Suppression; onClose: () => void }) {
  const client = useQueryClient()
  const { busy, submit } = useSubmit(async () => {
    await api('DELETE', `${root}/${suppression.id}`)
    done(t('communications.lifted', { address: suppression.address }))
    onClose()
    await client.invalidateQueries({ queryKey: ['suppressions'] })
  })
  return (
    <Confirm
      opened
      title={t('communications.lift_title', { address: suppression.address })}
      why={
        suppression.reason === 'opted_out' || suppression.reason === 'spam'
          ? t('communications.lift_refused')
          : t('communications.lift_why')
      }
      action={t('communications.lift')}
      busy={busy}
      onConfirm={() => void submit({})}
      onClose={onClose}
    />
  )
}

function Add({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [kind, setKind] = useState('email')
  const [address, setAddress] = useState('')
  const [note, setNote] = useState('')
  const { busy, error, submit } = useSubmit(async () => {
    await api('POST', root, {
      body: { kind, address: address.trim(), ...(note.trim() ? { note: note.trim() } : {}) },
    })
    done(t('communications.suppressed', { address: address.trim() }))
    onClose()
    await client.invalidateQueries({ queryKey: ['suppressions'] })
  })
  return (
    <Modal opened onClose={onClose} title={t('communications.add_suppression')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Stack gap="md">
          <FormError error={error} />
          <NativeSelect
            label={t('communications.channel')}
            value={kind}
            data={['email', 'sms'].map((value) => ({ value, label: kindWord(value) }))}
            onChange={(event) => setKind(event.currentTarget.value)}
          />
          <TextInput
            label={t('communications.address')}
            value={address}
            type={kind === 'email' ? 'email' : 'tel'}
            maxLength={254}
            required
            data-autofocus
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <TextInput
            label={t('core.optional', { label: t('communications.note') })}
            value={note}
            maxLength={200}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={busy} disabled={!address.trim()}>
              {t('communications.add_suppression')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
