import { Button, Group, TextInput } from '@mantine/core'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Line } from './choice.tsx'
import { EvidenceButton } from './evidence.tsx'
import { type Evidence, saidOf } from './reading.ts'
import type { StepProps } from './wizard.tsx'

type Props = Pick<StepProps, 'one' | 'acts'> & { evidence: Evidence[] }

/** A column says it row by row; without one the whole file has one currency, the organisation's unless somebody says so. */
export function CurrencyLine({ one, acts, evidence }: Props) {
  const format = useFormat()
  const said = saidOf(one).answers.currency ?? ''
  const [code, setCode] = useState(said)
  const label = t('core.currency')
  const why = <EvidenceButton label={label} evidence={evidence} />
  if (one.mapping.currency)
    return (
      <Line label={label} why={why}>
        {t('imports.currency_column', { column: one.mapping.currency })}
      </Line>
    )
  const changed = code.trim().toUpperCase() !== said
  return (
    <Line label={label} why={why}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (changed) void acts.revise({ currency: code.trim().toUpperCase() || null })
        }}
      >
        <Group gap="xs" wrap="nowrap">
          <TextInput
            flex={1}
            miw={0}
            aria-label={label}
            placeholder={format.currency}
            maxLength={10}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
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
