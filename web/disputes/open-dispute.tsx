import { Button, Group, Modal, NativeSelect, Radio, Stack, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { done } from '../shared/toast.tsx'
import type { DisputeDetails } from '../wire.ts'
import { DisputeFields, useDisputeFields } from './fields.tsx'
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
  const reasons = useReasons()
  const known = reasons.data?.items.filter((each) => each.is_active) ?? []
  const [chosen, setChosen] = useState<string | null>(null)
  const reason = chosen ?? String(known.find((each) => each.code === (code ?? known[0]?.code))?.id ?? '')
  const [part, setPart] = useState<'whole' | 'amount' | 'line'>('whole')
  const [amount, setAmount] = useState('')
  const [line, setLine] = useState('')
  const fields = useDisputeFields()
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
        ...fields.body,
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
          <DisputeFields fields={fields} rows={3} />
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
