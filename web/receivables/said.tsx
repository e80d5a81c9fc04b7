import { Badge, Group, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useCan, useFormat } from '../session.ts'
import { TextLink } from '../shared/text-link.tsx'
import type { InvoiceDetails } from '../wire.ts'
import { fieldLabel, fieldValue } from './fields.ts'
import classes from './invoice.module.css'

const outcomes = {
  new: 'receivables.outcome_new',
  changed: 'receivables.outcome_changed',
  unchanged: 'receivables.outcome_unchanged',
  older: 'receivables.outcome_older',
  repeated: 'receivables.outcome_repeated',
  missing: 'receivables.outcome_missing',
} as const

/** What each file said of the invoice, newest first, with the old and the new value of whatever it changed. */
export function Said({ invoice }: { invoice: InvoiceDetails }) {
  const format = useFormat()
  const mayImport = useCan('receivables.import')
  return (
    <ol className={classes.list}>
      {invoice.snapshots.map((one) => (
        <li key={`${one.import_id} ${one.row} ${one.outcome}`} className={classes.item}>
          <Group gap="xs">
            <strong>{format.day(one.as_of)}</strong>
            <Badge color={one.outcome === 'missing' ? 'brass' : 'gray'}>
              {one.outcome in outcomes ? t(outcomes[one.outcome as keyof typeof outcomes]) : one.outcome}
            </Badge>
            {one.open_amount !== null && (
              <span className="figure">
                {t('receivables.said_open', { amount: format.money(one.open_amount, invoice.currency) })}
              </span>
            )}
          </Group>
          <Text size="sm" c="dimmed" className="wrap-anywhere">
            {mayImport ? (
              <TextLink to={`/imports/${one.import_id}`} inherit>
                {one.file_name}
              </TextLink>
            ) : (
              one.file_name
            )}
            {one.row !== null && ` · ${t('receivables.row', { row: one.row })}`}
          </Text>
          {one.changes.length > 0 && (
            <ul className={classes.changes}>
              {one.changes.map(({ field, before, after }) => (
                <Change
                  key={field}
                  label={fieldLabel(field)}
                  before={fieldValue(field, before, format, invoice.currency)}
                  after={fieldValue(field, after, format, invoice.currency)}
                />
              ))}
            </ul>
          )}
        </li>
      ))}
    </ol>
  )
}

export function Change({ label, before, after }: { label: string; before: string; after: string }) {
  return (
    <li>
      <span className={classes.field}>{label}</span> <del>{before}</del> <span aria-hidden>→</span>{' '}
      <ins>{after}</ins>
    </li>
  )
}
