import { Button, Checkbox, Chip, Group, Text, TextInput } from '@mantine/core'
import { type FormEvent, type KeyboardEvent, type ReactNode, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { makePromise, undoPromise } from '../promises/make.ts'
import { useFormat } from '../session.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { done } from '../shared/toast.tsx'
import { useDayMeant } from '../shared/use-day-meant.ts'
import type { WorklistItem } from '../wire.ts'
import { logAttempt, takeBackAttempt } from '../work/attempt.ts'
import { outcomeLabel, outcomesOf } from '../work/words.ts'
import classes from './worklist.module.css'

// What is written down while one talks. Every form begins in its first field, is sent with Ctrl+Enter from any of them, left with Esc,
// and goes on to the next customer.

/** A day in words, from today on. */
function useDayAhead() {
  const today = useFormat().today()
  const meant = useDayMeant()
  return (words: string) => {
    const day = meant(words)
    return day !== undefined && day >= today ? day : undefined
  }
}

const said = (note: string) => (note.trim() ? { note: note.trim() } : {})

export type FormProps = { item: WorklistItem; onDone: () => void; onCancel: () => void }
type Errors = Partial<Record<string, string>>

function QuickForm({
  label,
  action,
  error,
  busy,
  children,
  onSubmit,
  onCancel,
}: {
  label: string
  action: string
  error: unknown
  busy: boolean
  children: ReactNode
  onSubmit: () => void
  onCancel: () => void
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit()
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onCancel()
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event)
  }
  return (
    <form className={classes.form} onSubmit={submit} onKeyDown={keys} aria-label={label} noValidate>
      {children}
      <FormError error={error} />
      <Group gap="xs">
        <Button type="submit" loading={busy} aria-keyshortcuts="Control+Enter">
          {action}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {t('core.cancel')}
        </Button>
      </Group>
    </form>
  )
}

/** A day in words, with the day that was understood. */
function DayWords({
  label,
  hint,
  value,
  onChange,
  error,
  autoFocus = false,
}: {
  label: string
  hint: string
  value: string
  onChange: (words: string) => void
  error?: string | undefined
  autoFocus?: boolean
}) {
  const format = useFormat()
  const day = useDayAhead()(value)
  return (
    <TextInput
      label={label}
      placeholder={hint}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      description={day ? t('worklist.when_understood', { day: format.day(day) }) : hint}
      autoComplete="off"
      data-autofocus={autoFocus || undefined}
      autoFocus={autoFocus}
    />
  )
}

export function PromiseForm({ item, onDone, onCancel }: FormProps) {
  const format = useFormat()
  const dayAhead = useDayAhead()
  const [when, setWhen] = useState('')
  const [amount, setAmount] = useState(String(item.collectable || item.overdue || item.open_amount))
  const [note, setNote] = useState('')
  const [called, setCalled] = useState(true)
  const [errors, setErrors] = useState<Errors>({})
  const { busy, error, submit } = useSubmit(async () => {
    const promised_on = dayAhead(when)
    const money = Number(amount.replace(/[\s,]/g, ''))
    const found: Errors = {
      ...(promised_on ? {} : { when: t('worklist.when_unclear') }),
      ...(money > 0 ? {} : { amount: t('worklist.amount_unclear') }),
    }
    setErrors(found)
    if (!promised_on || Object.keys(found).length > 0) return
    const { customer_id, currency } = item
    const { id } = await makePromise({ customer_id, currency, amount: money, promised_on, note })
    const call =
      called && (await logAttempt(customer_id, { channel: 'call', outcome: 'promised', ...said(note) }))
    done(
      t('worklist.promise_saved', {
        name: item.name,
        amount: format.money(money, item.currency),
        day: format.day(promised_on),
      }),
      () => Promise.all([undoPromise(id), call && takeBackAttempt(call)]),
    )
    onDone()
  })
  return (
    <QuickForm
      label={t('worklist.promise')}
      action={t('worklist.save_promise')}
      error={error}
      busy={busy}
      onSubmit={() => submit(undefined)}
      onCancel={onCancel}
    >
      <div className={classes.fields}>
        <DayWords
          label={t('worklist.when')}
          hint={t('worklist.when_hint')}
          value={when}
          onChange={setWhen}
          error={errors.when}
          autoFocus
        />
        <TextInput
          label={t('worklist.promised_amount')}
          value={amount}
          onChange={(event) => setAmount(event.currentTarget.value)}
          error={errors.amount}
          inputMode="decimal"
          rightSection={<Text size="xs">{item.currency}</Text>}
          rightSectionWidth={44}
        />
        <TextInput
          label={t('worklist.note')}
          value={note}
          maxLength={2000}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      </div>
      <Checkbox
        label={t('worklist.also_call')}
        checked={called}
        onChange={(event) => setCalled(event.currentTarget.checked)}
      />
    </QuickForm>
  )
}

/** A promise is the form beside this one. */
const callOutcomes = outcomesOf('call').filter((outcome) => outcome !== 'promised')

export function CallForm({ item, onDone, onCancel }: FormProps) {
  const dayAhead = useDayAhead()
  const [outcome, setOutcome] = useState('spoke')
  const [person, setPerson] = useState('')
  const [note, setNote] = useState('')
  const [again, setAgain] = useState('')
  const [errors, setErrors] = useState<Errors>({})
  const { busy, error, submit } = useSubmit(async () => {
    const next_follow_up = dayAhead(again)
    const unclear = again.trim() !== '' && !next_follow_up
    setErrors(unclear ? { again: t('worklist.when_unclear') } : {})
    if (unclear) return
    const call = await logAttempt(item.customer_id, {
      channel: 'call',
      outcome,
      ...(person.trim() ? { person: person.trim() } : {}),
      ...said(note),
      ...(next_follow_up ? { next_follow_up } : {}),
    })
    done(t('worklist.call_saved', { name: item.name }), () => takeBackAttempt(call))
    onDone()
  })
  return (
    <QuickForm
      label={t('worklist.call')}
      action={t('worklist.save_call')}
      error={error}
      busy={busy}
      onSubmit={() => submit(undefined)}
      onCancel={onCancel}
    >
      <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
        <Text component="legend" size="sm" fw={500} mb={6}>
          {t('worklist.outcome')}
        </Text>
        <Chip.Group value={outcome} onChange={(value) => setOutcome(value as string)}>
          <Group gap={8}>
            {callOutcomes.map((each, at) => (
              <Chip key={each} value={each} size="sm" autoFocus={at === 0}>
                {outcomeLabel(each)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </fieldset>
      <div className={classes.fields}>
        <TextInput
          label={t('worklist.person')}
          value={person}
          maxLength={200}
          onChange={(event) => setPerson(event.currentTarget.value)}
        />
        <TextInput
          label={t('worklist.note')}
          value={note}
          maxLength={4000}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <DayWords
          label={t('worklist.follow_up_on')}
          hint={t('worklist.when_hint')}
          value={again}
          onChange={setAgain}
          error={errors.again}
        />
      </div>
    </QuickForm>
  )
}

export function PauseForm({ item, onDone, onCancel }: FormProps) {
  const format = useFormat()
  const dayAhead = useDayAhead()
  const [until, setUntil] = useState('')
  const [reason, setReason] = useState('')
  const [errors, setErrors] = useState<Errors>({})
  const path = `/api/receivables/worklist/${item.customer_id}/pause`
  const { busy, error, submit } = useSubmit(async () => {
    const day = dayAhead(until)
    const found: Errors = {
      ...(day ? {} : { until: t('worklist.when_unclear') }),
      ...(reason.trim() ? {} : { reason: t('worklist.because_missing') }),
    }
    setErrors(found)
    if (!day || Object.keys(found).length > 0) return
    const kind = day === format.today() ? 'skip' : 'snooze'
    await api('PUT', path, { body: { kind, until_on: day, reason: reason.trim() } })
    done(t('worklist.pause_saved', { name: item.name, day: format.day(day) }), () => api('DELETE', path))
    onDone()
  })
  return (
    <QuickForm
      label={t('worklist.put_off')}
      action={t('worklist.save_pause')}
      error={error}
      busy={busy}
      onSubmit={() => submit(undefined)}
      onCancel={onCancel}
    >
      <div className={classes.fields}>
        <DayWords
          label={t('worklist.until')}
          hint={t('worklist.until_hint')}
          value={until}
          onChange={setUntil}
          error={errors.until}
          autoFocus
        />
        <TextInput
          label={t('worklist.because')}
          value={reason}
          maxLength={300}
          error={errors.reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </div>
    </QuickForm>
  )
}
