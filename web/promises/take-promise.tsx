import { Button, Drawer, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { done } from '../shared/toast.tsx'
import { useDayMeant } from '../shared/use-day-meant.ts'
import type { Invoice, InvoicePage, PromisePage } from '../wire.ts'
import { makePromise, undoPromise } from './make.ts'
import classes from './promises.module.css'

type Props = {
  customerId: number
  /** Those that are meant; all that are late otherwise. */
  invoiceIds?: readonly number[]
  currency: string
  onClose: () => void
}

/** Takes a promise from the keyboard: a day in words, the amount as it stands, Ctrl+Enter. */
export default function TakePromise(props: Props) {
  const query = {
    customer_id: props.customerId,
    currency: props.currency,
    status: 'open,partial,disputed',
    sort: 'due_date',
    page_size: 200,
  }
  const invoices = useQuery({
    queryKey: ['invoices', 'promisable', query],
    queryFn: ({ signal }) => api<InvoicePage>('GET', '/api/receivables/invoices', { query, signal }),
    staleTime: 0,
  })
  return (
    <Drawer opened onClose={props.onClose} position="right" size={480} title={t('promises.new')}>
      <Loaded query={invoices} lines={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Text>{t('promises.nothing_open')}</Text>
          ) : (
            <Form {...props} invoices={items} />
          )
        }
      </Loaded>
    </Drawer>
  )
}

const cents = (amount: number) => Math.round(amount * 10_000)

function Form({ customerId, invoiceIds, currency, onClose, invoices }: Props & { invoices: Invoice[] }) {
  const format = useFormat()
  const client = useQueryClient()
  const [picked, setPicked] = useState<ReadonlySet<number>>(() => {
    const late = invoices.filter((invoice) => (invoice.days_overdue ?? 0) > 0)
    const meant = invoiceIds ? invoices.filter(({ id }) => invoiceIds.includes(id)) : late
    return new Set((meant.length > 0 ? meant : invoices).map(({ id }) => id))
  })
  const [when, setWhen] = useState('')
  const first = useRef<HTMLInputElement>(null)
  // The drawer gave the focus away before the invoices were there.
  useEffect(() => first.current?.focus(), [])
  const [typed, setTyped] = useState<string | null>(null)
  const [note, setNote] = useState('')
  const [tried, setTried] = useState(false)
  const active = useQuery({
    queryKey: ['promises', 'active', customerId, currency],
    queryFn: ({ signal }) =>
      api<PromisePage>('GET', '/api/receivables/promises', {
        query: { customer_id: customerId, currency, state: 'active', page_size: 200 },
        signal,
      }),
  })
  const replaced = new Set(
    invoices.flatMap(({ id, promise }) => (picked.has(id) && promise ? [promise.id] : [])),
  )
  const stillActive = active.data?.items.filter(({ id }) => replaced.has(id)).length ?? replaced.size
  const chosen = invoices.filter(({ id }) => picked.has(id))
  const open = chosen.reduce((sum, { open_amount }) => sum + cents(open_amount), 0) / 10_000
  const amount = typed === null ? open : Number(typed.replace(/[\s,’']/g, ''))
  const day = useDayMeant()(when)
  const wrongDay =
    day === undefined ? t('promises.when_unknown') : day < format.today() ? t('promises.when_past') : null
  const wrongAmount =
    !Number.isFinite(amount) || amount <= 0
      ? t('promises.not_amount')
      : cents(amount) > cents(open)
        ? t('promises.more_than_open', { amount: format.money(open, currency) })
        : null
  const { busy, error, submit } = useSubmit(async () => {
    const made = await makePromise({
      customer_id: customerId,
      currency,
      invoice_ids: chosen.map(({ id }) => id),
      amount,
      promised_on: day!,
      note,
    })
    const refresh = () =>
      Promise.all(
        [['promises'], ['invoices'], ['customers'], ['dunning']].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      )
    done(
      t('promises.saved', { amount: format.money(made.amount, currency), day: format.day(made.promised_on) }),
      async () => {
        await undoPromise(made.id)
        await refresh()
        done(t('promises.undone'))
      },
    )
    onClose()
    await refresh()
  })
  const send = () => {
    setTried(true)
    if (!wrongDay && !wrongAmount && chosen.length > 0) void submit({})
  }
  let left = Number.isFinite(amount) ? cents(amount) : 0
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
        event.preventDefault()
        send()
      }}
    >
      <Stack gap="md">
        <Text fw={600}>{invoices[0]!.customer_name}</Text>
        <TextInput
          label={t('promises.when')}
          description={
            day && !wrongDay
              ? t('promises.when_means', {
                  day: format.day(day),
                  last: format.day(lastDay(day, active.data?.tolerance_days ?? 0)),
                })
              : t('promises.when_hint')
          }
          value={when}
          onChange={(event) => setWhen(event.currentTarget.value)}
          error={(tried || (when !== '' && day !== undefined)) && wrongDay}
          ref={first}
          data-autofocus
          required
        />
        <TextInput
          label={`${t('promises.how_much')} (${currency})`}
          inputMode="decimal"
          value={typed ?? String(open)}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={wrongAmount && (tried || typed !== null) ? wrongAmount : undefined}
          required
        />
        <fieldset style={{ border: 0, margin: 0, padding: 0 }}>
          <legend style={{ fontSize: 14, fontWeight: 500, padding: 0 }}>{t('promises.for_which')}</legend>
          <Text size="xs" c="dimmed">
            {t('promises.spread')}
          </Text>
          {invoices.map((invoice) => {
            const is = picked.has(invoice.id)
            const part = is ? Math.min(left, cents(invoice.open_amount)) : 0
            left -= part
            return (
              <label key={invoice.id} className={classes.tick}>
                <input
                  type="checkbox"
                  checked={is}
                  aria-label={t('promises.tick', {
                    number: invoice.invoice_number,
                    amount: format.money(invoice.open_amount, currency),
                  })}
                  onChange={() => {
                    const next = new Set(picked)
                    next[is ? 'delete' : 'add'](invoice.id)
                    setPicked(next)
                  }}
                />
                <span>
                  {invoice.invoice_number}
                  <Text size="xs" c="dimmed" component="span" display="block">
                    {invoice.due_date && t('promises.due', { day: format.day(invoice.due_date) })}
                    {part > 0 && part < cents(invoice.open_amount) && (
                      <> · {t('promises.part', { amount: format.money(part / 10_000, currency) })}</>
                    )}
                  </Text>
                </span>
                <span className={classes.nowrap}>{format.money(invoice.open_amount, currency)}</span>
              </label>
            )
          })}
        </fieldset>
        {stillActive > 0 && (
          <Text size="sm" role="status">
            {t('promises.supersedes', { count: stillActive })}
          </Text>
        )}
        <Textarea
          label={t('promises.note')}
          autosize
          minRows={2}
          maxLength={2000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <FormError error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('core.cancel')}
          </Button>
          <Button
            type="submit"
            loading={busy}
            aria-keyshortcuts="Control+Enter"
            disabled={chosen.length === 0}
          >
            {t('promises.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const lastDay = (day: string, tolerance: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + tolerance * 86_400_000).toISOString().slice(0, 10)
