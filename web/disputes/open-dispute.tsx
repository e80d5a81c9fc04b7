import { Button, Group, Modal, NativeSelect, Radio, Stack, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { assigneeChoice, useAssignees } from '../receivables/assignees.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { done } from '../shared/toast.tsx'
import type { DisputeDetails } from '../wire.ts'
import { reread, root, useReasons } from './queries.ts'

type Props = {
  invoice: { id: number; invoice_number: string; currency: string; open_amount: number }
  /** Of the presets, where it is known already what is wrong. */
  code?: string | undefined
  onClose: () => void
  onOpened: (dispute: DisputeDetails) => void
}

/** Opens a dispute on the invoice: why, on how much of it, since when, and who clears it. */
export function OpenDispute({ invoice, code, onClose, onOpened }: Props) {
  const client = useQueryClient()
  const format = useFormat()
  const reasons = useReasons()
  const assignees = useAssignees()
  const known = reasons.data?.items.filter((each) => each.is_active) ?? []
  const [chosen, setChosen] = useState<string | null>(null)
  const reason = chosen ?? String(known.find((each) => each.code === (code ?? known[0]?.code))?.id ?? '')
  const [part, setPart] = useState<'whole' | 'amount' | 'line'>('whole')
  const [amount, setAmount] = useState('')
  const [line, setLine] = useState('')
  const [note, setNote] = useState('')
  const [owner, setOwner] = useState('own')
  const [since, setSince] = useState(format.today())
  const [wrong, setWrong] = useState<string | null>(null)
  const { busy, error, submit } = useSubmit(async () => {
    const number = Number(amount.replace(',', '.'))
    if (part !== 'whole' && !(number > 0)) return setWrong(t('disputes.amount_wrong'))
    const opened = await api<DisputeDetails>('POST', root, {
      body: {
        invoice_id: invoice.id,
        reason_id: Number(reason),
        ...(part === 'whole' ? {} : { amount: number }),
        ...(part === 'line' ? { line } : {}),
        note,
        opened_on: since,
        ...(owner === 'own' ? {} : { owner_id: owner === '' ? null : Number(owner) }),
      },
    })
    onOpened(opened)
    done(t('disputes.opened', { invoice: invoice.invoice_number }), () =>
      api('POST', `${root}/${opened.id}/withdraw`, {
        body: {},
        ifMatch: ifMatchOf(null, opened.version),
      }).then(() => reread(client)),
    )
    await reread(client)
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('disputes.open_title', { invoice: invoice.invoice_number })}
      size="lg"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          setWrong(null)
          void submit({})
        }}
      >
        <Stack gap="md">
          <Loaded query={reasons} lines={2}>
            {() => (
              <NativeSelect
                label={t('disputes.reason')}
                data={known.map(({ id, path }) => ({ value: String(id), label: path }))}
                value={reason}
                onChange={(event) => setChosen(event.currentTarget.value)}
                data-autofocus
              />
            )}
          </Loaded>
          <Radio.Group
            label={t('disputes.part')}
            value={part}
            onChange={(value) => setPart(value as typeof part)}
          >
            <Group mt={6} gap="md">
              <Radio value="whole" label={t('disputes.whole')} />
              <Radio value="amount" label={t('disputes.part_amount')} />
              <Radio value="line" label={t('disputes.part_line')} />
            </Group>
          </Radio.Group>
          {part !== 'whole' && (
            <Group grow align="flex-start">
              <TextInput
                label={t('disputes.amount_field', { currency: invoice.currency })}
                inputMode="decimal"
                value={amount}
                error={wrong}
                required
                onChange={(event) => setAmount(event.currentTarget.value)}
              />
              {part === 'line' && (
                <TextInput
                  label={t('disputes.line')}
                  description={t('disputes.line_hint')}
                  maxLength={200}
                  value={line}
                  required
                  onChange={(event) => setLine(event.currentTarget.value)}
                />
              )}
            </Group>
          )}
          <Textarea
            label={t('disputes.note')}
            rows={3}
            maxLength={4000}
            resize="vertical"
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Group grow align="flex-start">
            <DateField
              label={t('disputes.since')}
              value={since}
              max={format.today()}
              onChange={(event) => setSince(event.currentTarget.value || format.today())}
            />
            <NativeSelect
              label={t('disputes.owner')}
              data={[
                { value: 'own', label: t('disputes.owner_own') },
                ...assigneeChoice(assignees.data?.items ?? []),
              ]}
              value={owner}
              onChange={(event) => setOwner(event.currentTarget.value)}
            />
          </Group>
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={reason === ''}>
              {t('disputes.open')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
