import { Alert, Badge } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Section } from '../shared/section.tsx'
import type { ImportDetails } from '../wire.ts'
import { type Counts, countOf, ofRows, unaccounted } from './counts.ts'
import classes from './reconciliation.module.css'
import { outcomeLabel } from './words.ts'

type Stated = ImportDetails['reconciliation'][number]

/** The addition: outcomes of the rows, and their sum in the file. */
export function Addition({ one }: { one: Counts }) {
  const format = useFormat()
  const gap = unaccounted(one)
  const parts = ofRows.filter((outcome) => countOf(one, outcome) > 0 || outcome === 'new')
  return (
    <>
      <dl className={classes.sum}>
        {parts.map((outcome) => (
          <div key={outcome} className={classes.part} data-bad={outcome === 'rejected' || undefined}>
            <dt>{outcomeLabel(outcome)}</dt>
            <dd className="figure">{format.number(countOf(one, outcome))}</dd>
          </div>
        ))}
        <div className={`${classes.part} ${classes.total}`}>
          <dt>{t('imports.rows_in_file')}</dt>
          <dd className="figure">{format.number(one.rows)}</dd>
        </div>
      </dl>
      {gap !== 0 && (
        <Alert color="red" mt="md" icon={<IconAlertTriangle size={18} aria-hidden />}>
          {t('imports.gap', { count: gap })}
        </Alert>
      )}
    </>
  )
}

/** Does everything add up: rows to the file, and the file's own totals to its rows. */
export function Reconciliation({ one }: { one: ImportDetails }) {
  const format = useFormat()
  const columns: Column<Stated>[] = [
    { key: 'column', header: t('imports.column'), title: true, cell: (each) => each.column },
    { key: 'row', header: t('imports.row'), align: 'right', cell: (each) => each.row },
    {
      key: 'stated',
      header: t('imports.stated'),
      align: 'right',
      cell: (each) => format.money(each.stated, each.currency),
    },
    {
      key: 'summed',
      header: t('imports.summed'),
      align: 'right',
      cell: (each) => format.money(each.summed, each.currency),
    },
    {
      key: 'difference',
      header: t('imports.off'),
      align: 'right',
      cell: (each) =>
        each.difference === 0 ? (
          <Badge color="pine">{t('imports.agrees')}</Badge>
        ) : (
          <Badge color="red">{format.money(each.difference, each.currency)}</Badge>
        ),
    },
  ]
  return (
    <Section title={t('imports.adds_up')} why={t('imports.adds_up_why')}>
      <Addition one={one} />
      {one.reconciliation.length > 0 && (
        <div className={classes.stated}>
          <DataTable
            caption={t('imports.own_totals')}
            columns={columns}
            rows={one.reconciliation}
            rowKey={(each) => `${each.row}:${each.column}:${each.currency}`}
          />
        </div>
      )}
    </Section>
  )
}
