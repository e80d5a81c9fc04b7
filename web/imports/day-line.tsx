import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import { Line } from './choice.tsx'
import type { StepProps } from './wizard.tsx'

/** The day of the snapshot. A typed date is sent when it is confirmed: each change reads the whole file anew. */
export function DayLine({ one, acts }: Pick<StepProps, 'one' | 'acts'>) {
  const format = useFormat()
  const [day, setDay] = useState(one.as_of)
  const changed = day !== one.as_of && day !== '' && day <= format.today()
  return (
    <Line label={t('imports.as_of')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (changed) void acts.revise({ as_of: day })
        }}
      >
        <Group gap="xs" wrap="nowrap">
          <DateField
            flex={1}
            miw={0}
            aria-label={t('imports.as_of')}
            value={day}
            max={format.today()}
            onChange={(event) => setDay(event.currentTarget.value)}
          />
          {changed && (
            <Button type="submit" variant="default" disabled={acts.busy}>
              {t('imports.apply')}
            </Button>
          )}
        </Group>
      </form>
    </Line>
  )
}
