import { Badge, Text } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { Debtor, DebtorReportLine } from '../wire.ts'
import { buckets, bucketWord } from './buckets.ts'
import classes from './debtors.module.css'

type Props = {
  lines: DebtorReportLine[]
  rows: ReadonlyMap<number, Debtor>
  chosen: number | undefined
  onLine: (line: DebtorReportLine) => void
}

/** What was read, line by line: accounts with their figures, everything else with what became of it. */
export function LineList({ lines, rows, chosen, onLine }: Props) {
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    if (chosen === undefined) return
    const frame = list.current
    const one = frame?.querySelector<HTMLElement>(`[data-line="${chosen}"]`)
    if (!frame || !one) return
    const { offsetTop, offsetHeight } = one
    if (offsetTop < frame.scrollTop || offsetTop + offsetHeight > frame.scrollTop + frame.clientHeight)
      frame.scrollTop = offsetTop - frame.clientHeight / 3
  }, [chosen])
  return (
    <ul ref={list} className={classes.lines} aria-label={t('debtors.lines')}>
      {lines.map((line) => (
        <li key={line.line}>
          <button
            type="button"
            className={classes.line}
            data-line={line.line}
            data-row-link
            data-kind={line.kind}
            aria-pressed={line.line === chosen}
            onClick={() => onLine(line)}
          >
            <Line line={line} row={line.debtor_id === null ? undefined : rows.get(line.debtor_id)} />
          </button>
        </li>
      ))}
    </ul>
  )
}

function Line({ line, row }: { line: DebtorReportLine; row: Debtor | undefined }) {
  const format = useFormat()
  if (line.kind !== 'account' || !row)
    return (
      <>
        <span className={classes.lineHead}>
          <code className={classes.lineText}>{line.text}</code>
          <Badge color={line.kind === 'flagged' || line.kind === 'rejected' ? 'brass' : 'gray'} size="sm">
            {t(`debtors.line_${line.kind}`)}
          </Badge>
        </span>
        {line.reason && (
          <Text component="span" size="xs" c="dimmed">
            {line.reason}
          </Text>
        )}
      </>
    )
  const owed = buckets.filter((bucket) => row[bucket] !== 0)
  return (
    <>
      <span className={classes.lineHead}>
        <span className="wrap-anywhere">
          <strong>{row.name}</strong> <span className={classes.quiet}>{row.acc_no}</span>
        </span>
        <strong className="figure">{format.amount(row.balance)}</strong>
      </span>
      <span className={classes.lineAges}>
        {owed.map((bucket) => (
          <span key={bucket} className="figure">
            {bucketWord(bucket)} {format.amount(row[bucket])}
          </span>
        ))}
        {(row.email || row.phone) && (
          <span className="wrap-anywhere">{[row.email, row.phone].filter(Boolean).join(' · ')}</span>
        )}
      </span>
      {(row.is_medical_aid_control || row.is_control) && (
        <span>
          <Badge color="gray" size="sm">
            {t(row.is_medical_aid_control ? 'debtors.medical_aid' : 'debtors.control')}
          </Badge>
        </span>
      )}
      {row.notes.map((note) => (
        <span key={note} className={classes.stated}>
          {note}
        </span>
      ))}
    </>
  )
}
