import { Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import type { ImportDetails } from '../wire.ts'
import classes from './day-line.module.css'
import type { StepProps } from './wizard.tsx'

/**
 * The day of the snapshot, at every step, with what says so: everything that the file changes hangs on it. A typed date is
 * sent when it is confirmed, since each change reads the whole file anew.
 */
export function DayLine({ one, acts }: Pick<StepProps, 'one' | 'acts'>) {
  const format = useFormat()
  const [changing, setChanging] = useState(false)
  const [day, setDay] = useState(one.as_of)
  const changed = day !== one.as_of && day !== '' && day <= format.today()
  return (
    <section className={`sheet ${classes.day}`} data-doubt={one.as_of_from === 'today' || undefined}>
      <div className={classes.words}>
        <Text fw={600} size="lg">
          {t('imports.as_of_day', { day: format.day(one.as_of) })}
        </Text>
        <Text size="sm" c="dimmed" className="wrap-anywhere">
          {whyOf(one)}
        </Text>
      </div>
      {changing ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (!changed) return setChanging(false)
            void acts.revise({ as_of: day }).then((done) => done && setChanging(false))
          }}
        >
          <Group gap="xs" wrap="nowrap">
            <DateField
              miw={0}
              data-autofocus
              autoFocus
              aria-label={t('imports.as_of')}
              value={day}
              max={format.today()}
              onChange={(event) => setDay(event.currentTarget.value)}
            />
            <Button type="submit" variant="default" disabled={acts.busy}>
              {t('imports.apply')}
            </Button>
          </Group>
        </form>
      ) : (
        <Button variant="default" disabled={acts.busy} onClick={() => setChanging(true)}>
          {t('imports.as_of_change')}
        </Button>
      )}
    </section>
  )
}

function whyOf({ as_of_from, as_of_proof }: ImportDetails): string {
  const proof = as_of_proof ?? ''
  switch (as_of_from) {
    case 'said':
      return t('imports.as_of_said')
    case 'name':
      return t('imports.as_of_name', { proof })
    case 'file':
      return t('imports.as_of_inside', { proof })
    case 'today':
      return t('imports.as_of_today')
    default:
      return ''
  }
}
