import { Group, NativeSelect, Textarea } from '@mantine/core'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { assigneeChoice, useAssignees } from '../receivables/assignees.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'

/** What is said of a dispute whatever is disputed: a note, since when, and who clears it (`own`: whoever the reason names). */
export function useDisputeFields() {
  const format = useFormat()
  const [note, setNote] = useState('')
  const [owner, setOwner] = useState('own')
  const [since, setSince] = useState(format.today())
  return {
    note,
    setNote,
    owner,
    setOwner,
    since,
    setSince,
    body: {
      note,
      opened_on: since,
      ...(owner === 'own' ? {} : { owner_id: owner === '' ? null : Number(owner) }),
    },
  }
}

export function DisputeFields({
  fields,
  rows,
}: {
  fields: ReturnType<typeof useDisputeFields>
  rows: number
}) {
  const format = useFormat()
  const assignees = useAssignees()
  return (
    <>
      <Textarea
        label={t('disputes.note')}
        rows={rows}
        maxLength={4000}
        resize="vertical"
        value={fields.note}
        onChange={(event) => fields.setNote(event.currentTarget.value)}
      />
      <Group grow align="flex-start">
        <DateField
          label={t('disputes.since')}
          value={fields.since}
          max={format.today()}
          onChange={(event) => fields.setSince(event.currentTarget.value || format.today())}
        />
        <NativeSelect
          label={t('disputes.owner')}
          data={[
            { value: 'own', label: t('disputes.owner_own') },
            ...assigneeChoice(assignees.data?.items ?? []),
          ]}
          value={fields.owner}
          onChange={(event) => fields.setOwner(event.currentTarget.value)}
        />
      </Group>
    </>
  )
}
