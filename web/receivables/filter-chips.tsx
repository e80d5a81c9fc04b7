import { VisuallyHidden } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { t } from '../i18n.ts'
import chips from './bucket-chips.module.css'

export type FilterChip = { name: string; label: string; value: string; remove: () => void }

/** What narrows the list besides the fields above it, each to be taken away by itself. */
export function FilterChips({ chips: shown }: { chips: FilterChip[] }) {
  if (shown.length === 0) return null
  return (
    <ul className={`${chips.chips} no-print`} aria-label={t('receivables.active_filters')}>
      {shown.map(({ name, label, value, remove }) => (
        <li key={name} className={chips.item}>
          <button type="button" className={chips.chip} onClick={remove}>
            <VisuallyHidden>{t('receivables.remove_filter')} </VisuallyHidden>
            <span className={chips.count}>{t('receivables.filter_name', { name: label })} </span>
            {value}
            <IconX size={14} aria-hidden />
          </button>
        </li>
      ))}
    </ul>
  )
}
