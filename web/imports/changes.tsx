import { VisuallyHidden } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { ImportLine } from '../wire.ts'
import classes from './changes.module.css'
import { fieldLabel } from './words.ts'

/** A changed row field by field: what it was and what it becomes. */
export function Changes({ line }: { line: Pick<ImportLine, 'changes' | 'currency'> }) {
  const format = useFormat()
  const say = (field: string, value: string | null) => {
    if (value === null || value === '') return t('imports.empty_cell')
    if (/amount$/.test(field) && line.currency) return format.money(Number(value), line.currency)
    return /^\d{4}-\d\d-\d\d$/.test(value) ? format.day(value) : value
  }
  return (
    <ul className={classes.list}>
      {line.changes.map(({ field, before, after }) => (
        <li key={field}>
          <span className={classes.field}>{fieldLabel(field)}</span>{' '}
          <VisuallyHidden>{t('imports.before')} </VisuallyHidden>
          <del className={classes.before}>{say(field, before)}</del>
          <span aria-hidden> → </span>
          <VisuallyHidden> {t('imports.after')} </VisuallyHidden>
          <ins className={classes.after}>{say(field, after)}</ins>
        </li>
      ))}
    </ul>
  )
}
