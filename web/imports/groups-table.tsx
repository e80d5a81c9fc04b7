import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import type { ImportDetails, ImportOutcome } from '../wire.ts'
import { countOf } from './counts.ts'
import classes from './groups-table.module.css'
import { outcomeLabel, outcomes, outcomeWhy } from './words.ts'

type Total = NonNullable<ImportDetails['difference'][ImportOutcome]>['totals'][number]
type Group = { outcome: ImportOutcome; count: number; totals: Total[] }

/** Rows and money of each outcome: what was open before, and what is open after. */
export function GroupsTable({ one }: { one: ImportDetails }) {
  const format = useFormat()
  const groups = outcomes
    .map(
      (outcome): Group => ({
        outcome,
        count: countOf(one, outcome),
        totals: one.difference[outcome]?.totals ?? [],
      }),
    )
    .filter(({ count }) => count > 0)
  const money = (say: (total: Total) => number) => (group: Group) =>
    group.totals.length === 0
      ? '–'
      : group.totals.map((total) => (
          <div key={total.currency} className={classes.line}>
            {format.money(say(total), total.currency)} <span className={classes.code}>{total.currency}</span>
          </div>
        ))
  const columns: Column<Group>[] = [
    {
      key: 'outcome',
      header: t('imports.outcome'),
      title: true,
      cell: ({ outcome }) => (
        <>
          {outcomeLabel(outcome)}
          <div className={classes.why}>{outcomeWhy(outcome)}</div>
        </>
      ),
    },
    { key: 'count', header: t('imports.count'), align: 'right', cell: ({ count }) => format.number(count) },
    { key: 'amount', header: t('imports.invoiced'), align: 'right', cell: money((total) => total.amount) },
    {
      key: 'before',
      header: t('imports.open_before'),
      align: 'right',
      cell: money((total) => total.open_before),
    },
    {
      key: 'open',
      header: t('imports.open_after'),
      align: 'right',
      cell: money((total) => total.open_amount),
    },
  ]
  return (
    <DataTable
      caption={t('imports.money_title')}
      columns={columns}
      rows={groups}
      rowKey={({ outcome }) => outcome}
    />
  )
}
