import { Button, Popover, Text } from '@mantine/core'
import { IconListSearch } from '@tabler/icons-react'
import { t } from '../i18n.ts'
import classes from './evidence.module.css'
import type { Evidence } from './reading.ts'

/** Why something was concluded: the rows that prove it, and those that speak against it. */
export function EvidenceButton({ label, evidence }: { label: string; evidence: Evidence[] }) {
  if (evidence.length === 0) return null
  const against = evidence.some((each) => each.counter.length > 0)
  return (
    <Popover position="bottom-start" shadow="md" withinPortal={false} trapFocus width={340} returnFocus>
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="subtle"
          color={against ? 'red' : 'pine'}
          leftSection={<IconListSearch size={15} aria-hidden />}
          aria-label={t('imports.why_of', { what: label })}
        >
          {against ? t('imports.why_with_doubt') : t('imports.why_button')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('imports.why_of', { what: label })} maw="calc(100vw - 32px)">
        {evidence.map((each) => (
          <div key={`${each.field}:${each.concluded}`} className={classes.column}>
            {each.column && (
              <Text size="sm" fw={600} className="wrap-anywhere">
                {each.column}
              </Text>
            )}
            <Text size="sm">{each.concluded}</Text>
            <Rows title={t('imports.proof')} rows={each.proof} />
            <Rows title={t('imports.counter')} rows={each.counter} />
          </div>
        ))}
      </Popover.Dropdown>
    </Popover>
  )
}

function Rows({ title, rows }: { title: string; rows: Evidence['proof'] }) {
  if (rows.length === 0) return null
  return (
    <>
      <Text size="sm" c="dimmed">
        {title}
      </Text>
      <ul className={classes.rows}>
        {rows.slice(0, 5).map(({ row, value }) => (
          <li key={`${row}:${value}`}>
            {t('imports.row_says', { row })} <span className={classes.value}>{value}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
