import {
  Button,
  Checkbox,
  Chip,
  Group,
  Input,
  NativeSelect,
  SegmentedControl,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import { useSubmit } from '../shared/form.tsx'
import { done } from '../shared/toast.tsx'
import type { Contact, CustomerDetails, InvoicePage } from '../wire.ts'
import { logAttempt, takeBackAttempt } from './attempt.ts'
import { dayAfter } from './days.ts'
import { FormDrawer } from './drawer.tsx'
import { channelLabel, channels, outcomeLabel, outcomesOf } from './words.ts'

const INVOICES_SHOWN = 50

/** Writes down a call, a message or a visit while it goes on; the next follow-up makes a task. */
export function ContactDrawer({ customer, onClose }: { customer: CustomerDetails; onClose: () => void }) {
  const client = useQueryClient()
  const format = useFormat()
  const contacts = useQuery({
    queryKey: ['customers', 'contacts', customer.id],
    queryFn: () => api<{ items: Contact[] }>('GET', `/api/receivables/customers/${customer.id}/contacts`),
  })
  const query = { customer_id: customer.id, status: 'unpaid', page_size: INVOICES_SHOWN }
  const invoices = useQuery({
    queryKey: ['invoices', query],
    queryFn: () => api<InvoicePage>('GET', '/api/receivables/invoices', { query }),
  })
  const people = contacts.data?.items ?? []
  const main = people.find(({ is_main }) => is_main)
  const [channel, setChannel] = useState<string>('call')
  const [outcome, setOutcome] = useState<string | null>(null)
  const [contact, setContact] = useState<string | null>(null)
  const [person, setPerson] = useState('')
  const [note, setNote] = useState('')
  const [about, setAbout] = useState<number[]>([])
  const [next, setNext] = useState('')
  const chosen = contact ?? (main ? String(main.id) : '')
  const again = () =>
    Promise.all(
      [['customers'], ['attempts'], ['tasks'], ['team']].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    )
  const { busy, error, submit } = useSubmit(async () => {
    const made = await logAttempt(customer.id, {
      channel,
      outcome,
      contact_id: chosen === '' ? null : Number(chosen),
      person: chosen === '' ? person : null,
      note,
      invoice_ids: about,
      next_follow_up: next || null,
    })
    onClose()
    done(next ? t('work.contact_done_next', { day: format.day(next) }) : t('work.contact_done'), () =>
      takeBackAttempt(made).then(again),
    )
    await again()
  })
  const today = format.today()
  return (
    <FormDrawer
      title={t('work.contact_title', { customer: customer.name })}
      action={t('work.write_down')}
      busy={busy}
      error={error}
      canSend={outcome !== null}
      onSend={() => void submit({})}
      onClose={onClose}
    >
      <Input.Wrapper label={t('work.channel')} component="div" role="group" aria-label={t('work.channel')}>
        <SegmentedControl
          fullWidth
          size="xs"
          value={channel}
          onChange={(value) => {
            setChannel(value)
            setOutcome(null)
          }}
          data={Object.keys(channels).map((value) => ({ value, label: channelLabel(value) }))}
        />
      </Input.Wrapper>
      <Chip.Group value={outcome ?? ''} onChange={(value) => setOutcome(value as string)}>
        <Input.Wrapper
          label={t('work.outcome')}
          component="div"
          role="radiogroup"
          aria-label={t('work.outcome')}
        >
          <Group gap={6} mt={4}>
            {outcomesOf(channel).map((value, index) => (
              <Chip key={value} value={value} size="sm" {...(index === 0 ? { 'data-autofocus': true } : {})}>
                {outcomeLabel(value)}
              </Chip>
            ))}
          </Group>
        </Input.Wrapper>
      </Chip.Group>
      <NativeSelect
        label={t('work.with')}
        value={chosen}
        onChange={(event) => setContact(event.currentTarget.value)}
        data={[
          ...people.map(({ id, name, role, phone }) => ({
            value: String(id),
            label: [name, role, phone].filter(Boolean).join(', '),
          })),
          { value: '', label: t('work.somebody_else') },
        ]}
      />
      {chosen === '' && (
        <TextInput
          label={t('work.person')}
          maxLength={200}
          value={person}
          onChange={(event) => setPerson(event.currentTarget.value)}
        />
      )}
      <Textarea
        label={t('work.note')}
        rows={3}
        resize="vertical"
        maxLength={4000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <div>
        <DateField
          label={t('work.next_follow_up')}
          description={t('work.next_follow_up_why')}
          min={today}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <Group gap={6} mt={6}>
          {(
            [
              [1, 'work.tomorrow'],
              [3, 'work.in_three_days'],
              [7, 'work.in_a_week'],
            ] as const
          ).map(([days, label]) => (
            <Button
              key={days}
              size="compact-sm"
              variant="default"
              aria-pressed={next === dayAfter(today, days)}
              onClick={() => setNext(dayAfter(today, days))}
            >
              {t(label)}
            </Button>
          ))}
        </Group>
      </div>
      {invoices.data && invoices.data.items.length > 0 && (
        <Checkbox.Group
          label={t('work.about_invoices')}
          description={t('work.about_invoices_why')}
          value={about.map(String)}
          onChange={(values) => setAbout(values.map(Number))}
        >
          <div style={{ display: 'grid', gap: 8, maxHeight: 220, overflowY: 'auto', padding: '8px 2px' }}>
            {invoices.data.items.map((invoice) => (
              <Checkbox
                key={invoice.id}
                value={String(invoice.id)}
                label={
                  <>
                    {invoice.invoice_number}{' '}
                    <Text span size="sm" c="dimmed">
                      {format.money(invoice.open_amount, invoice.currency)}
                    </Text>
                  </>
                }
              />
            ))}
          </div>
        </Checkbox.Group>
      )}
    </FormDrawer>
  )
}
