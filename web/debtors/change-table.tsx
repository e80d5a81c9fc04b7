import { SegmentedControl, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { type Column, DataTable, Pager } from '../shared/data-table.tsx'
import type { Formatter } from '../shared/format.ts'
import { Empty, Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { pageOf } from '../shared/url-filters.ts'
import { useFilters } from '../shared/use-filters.ts'
import type { DebtorChange, Page } from '../wire.ts'
import { bucketWord, figures } from './buckets.ts'
import { reportApi } from './queries.ts'

const kinds = ['new', 'settled', 'moved', 'contact'] as const
const SIZE = 50

/** Account by account, what is different from the report before. */
export function ChangeTable({ outlet, report }: { outlet: string; report: number }) {
  const format = useFormat()
  const [{ kind = 'new', page }, set] = useFilters(['kind', 'page'])
  const query = { kind, page: pageOf(page), page_size: SIZE }
  const changes = useQuery({
    queryKey: ['debtors', 'changes', outlet, report, query],
    placeholderData: keepPreviousData,
    queryFn: () => api<Page<DebtorChange>>('GET', `${reportApi(outlet, report)}/changes`, { query }),
  })
  return (
    <>
      <SegmentedControl
        mb="md"
        aria-label={t('debtors.change_kind')}
        value={kind}
        onChange={(next) => set({ kind: next })}
        data={kinds.map((value) => ({ value, label: t(`debtors.kind_${value}`) }))}
      />
      <Loaded query={changes}>
        {(data) =>
          data.total === 0 ? (
            <Empty
              title={t(`debtors.nothing_${kind as (typeof kinds)[number]}`)}
              why={t('debtors.nothing_why')}
            />
          ) : (
            <>
              <DataTable
                caption={t('debtors.since_before')}
                columns={kind === 'contact' ? contactColumns(outlet) : columnsOf(outlet, format)}
                rows={data.items}
                rowKey={(change) => change.id}
                stale={changes.isPlaceholderData}
              />
              <Pager
                page={data.page}
                pages={data.pages}
                total={data.total}
                pageSize={SIZE}
                onPage={(next) => set({ page: String(next) })}
              />
            </>
          )
        }
      </Loaded>
    </>
  )
}

const account = (outlet: string): Column<DebtorChange> => ({
  key: 'name',
  header: t('debtors.account'),
  title: true,
  cell: (change) => (
    <>
      <TextLink
        to={`/debtors/${outlet}/accounts/${change.id}`}
        data-row-link
        inherit
        className="wrap-anywhere"
      >
        {change.name}
      </TextLink>
      <Text size="xs" c="dimmed" fw={400}>
        {change.acc_no}
      </Text>
    </>
  ),
})

const columnsOf = (outlet: string, format: Formatter): Column<DebtorChange>[] => [
  account(outlet),
  {
    key: 'before',
    header: t('debtors.before'),
    align: 'right',
    cell: ({ before }) => (before ? format.amount(before.balance) : '–'),
  },
  {
    key: 'after',
    header: t('debtors.after'),
    align: 'right',
    cell: ({ after }) => (after ? format.amount(after.balance) : '–'),
  },
  {
    key: 'by',
    header: t('debtors.moved_by'),
    align: 'right',
    cell: ({ moved_by }) => <strong>{format.amount(moved_by)}</strong>,
  },
  {
    key: 'where',
    header: t('debtors.moved_where'),
    cell: ({ before, after }) =>
      before && after
        ? figures
            .filter((column) => column !== 'balance' && before[column] !== after[column])
            .map((column) =>
              t('debtors.from_to', {
                bucket: bucketWord(column),
                before: format.amount(before[column]),
                after: format.amount(after[column]),
              }),
            )
            .join('; ') || '–'
        : '–',
  },
]

const contactColumns = (outlet: string): Column<DebtorChange>[] => [
  account(outlet),
  {
    key: 'yours',
    header: t('debtors.by_hand'),
    cell: ({ email, phone }) => [email, phone].filter(Boolean).join(', ') || '–',
  },
  {
    key: 'stated',
    header: t('debtors.on_report'),
    cell: ({ stated_email, stated_phone }) => [stated_email, stated_phone].filter(Boolean).join(', ') || '–',
  },
]
