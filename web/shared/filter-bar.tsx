import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { t } from '../i18n.ts'
import classes from './filter-bar.module.css'

/** Search and filters of a list, in one line where there is room. */
export function FilterBar({
  children,
  onClear,
}: {
  children: ReactNode
  onClear?: (() => void) | false | undefined
}) {
  return (
    <Group
      component="section"
      aria-label={t('core.filters')}
      align="flex-end"
      gap="sm"
      mb="md"
      className={`${classes.bar} no-print`}
    >
      {children}
      {onClear && (
        <Button variant="subtle" onClick={onClear}>
          {t('core.clear_filters')}
        </Button>
      )}
    </Group>
  )
}
