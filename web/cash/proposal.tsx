import { Alert, Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { api } from '../api.ts'
import { type MessageKey, t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { DateField } from '../shared/date-field.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Section } from '../shared/section.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { done } from '../shared/toast.tsx'
import type { PaymentDetails, RemittanceProposal } from '../wire.ts'
import classes from './cash.module.css'
import { CustomerChoice } from './customer-choice.tsx'
import { amountOf, minorOf, readAmount, textOf } from './money.ts'
import { reversePayment, useMoved } from './moved.ts'

type Line = RemittanceProposal['lines'][number]
type Row = Pick<Line, 'document_id' | 'number' | 'open_amount' | 'is_credit'> &
  Partial<Line> & { picked: boolean; written: string }

type Props = {
  proposal: RemittanceProposal
  text: string
  onCustomer: (id: number) => void
  onBooked: () => void
}

const OTHERS_SHOWN = 12

/** What the payment settles, line by line with the reasons; everything can be changed, and always adds up. */
export function Proposal({ proposal, text, onCustomer, onBooked }: Props) {
  const { currency, others, alternatives, unmatched, shortened } = proposal
  const customer = proposal.customer!
  const format = useFormat()
  const moved = useMoved()
  const money = (amount: number) => format.money(amount, currency)
  const [rows, setRows] = useState<Row[]>(() =>
    proposal.lines.map((line) => ({
      ...line,
      picked: line.amount > 0,
      written: textOf(line.amount, currency),
    })),
  )
  const [amount, setAmount] = useState(textOf(proposal.amount, currency))
  const [day, setDay] = useState(proposal.received_on)
  const [reference, setReference] = useState(proposal.reference ?? '')
  const [choosing, setChoosing] = useState(false)
  const change = (id: number, to: Partial<Row>) =>
    setRows((before) => before.map((row) => (row.document_id === id ? { ...row, ...to } : row)))
  const every = useMemo(
    () => new Map([...proposal.lines, ...others].map((each) => [each.document_id, each])),
    [proposal, others],
  )
  const choose = (ids: number[]) =>
    setRows(
      ids.map((id) => {
        const document = every.get(id)!
        return {
          ...document,
          reasons: ['subset_sum'],
          picked: true,
          written: textOf(document.open_amount, currency),
        }
      }),
    )
  const rest = [...every.values()].filter(
    ({ document_id }) => !rows.some((row) => row.document_id === document_id),
  )
  const sums = sumsOf(rows, readAmount(amount), currency)
  const { busy, error, submit } = useSubmit(async () => {
    const lines = rows
      .filter(({ picked }) => picked)
      .map((row) => ({ ...row, settles: readAmount(row.written) ?? 0 }))
    const payment = await api<PaymentDetails>('POST', '/api/receivables/payments', {
      body: {
        customer_id: customer.id,
        currency,
        amount: readAmount(amount),
        received_on: day,
        reference: reference || null,
        remittance: text || null,
        allocations: lines
          .filter(({ is_credit, settles }) => !is_credit && settles > 0)
          .map(({ document_id, settles }) => ({ invoice_id: document_id, amount: settles })),
        credits: lines
          .filter(({ is_credit, settles }) => is_credit && settles > 0)
          .map(({ document_id, settles }) => ({ credit_id: document_id, amount: settles })),
      },
    })
    onBooked()
    done(t('cash.recorded', { amount: money(payment.amount) }), () => reversePayment(payment.id).then(moved))
    await moved()
  })
  return (
    <Section
      title={customer.name}
      why={t(`cash.customer_why_${customer.why}` as MessageKey)}
      actions={
        <Button variant="default" size="compact-sm" onClick={() => setChoosing(!choosing)}>
          {t('cash.another_customer')}
        </Button>
      }
    >
      <Stack gap="md">
        {choosing && <CustomerChoice likely={proposal.customers} onChoose={onCustomer} />}
        {shortened.length > 0 && (
          <Alert color="brass">{t('cash.shortened', { numbers: shortened.join(', ') })}</Alert>
        )}
        {unmatched.length > 0 && (
          <Alert color="brass" title={t('cash.unmatched')}>
            <ul className={classes.lines}>
              {unmatched.map((each) => (
                <li key={each.text}>
                  {t(`cash.unmatched_${each.why}` as MessageKey, {
                    text: each.amount === null ? each.text : `${each.text} (${money(each.amount)})`,
                  })}
                </li>
              ))}
            </ul>
          </Alert>
        )}
        {alternatives.length > 1 && (
          <div>
            <Text fw={600}>{t('cash.alternatives', { count: alternatives.length })}</Text>
            <Text size="sm" c="dimmed" mb="xs">
              {t('cash.alternatives_why')} {proposal.too_many && t('cash.too_many')}
            </Text>
            <div className={classes.pick}>
              {alternatives.map(({ document_ids, how }) => (
                <Button
                  key={document_ids.join(' ')}
                  size="compact-sm"
                  variant="default"
                  onClick={() => choose(document_ids)}
                >
                  {t('cash.choice', {
                    how: t(`cash.how_${how}` as MessageKey),
                    numbers: namesOf(document_ids.map((id) => every.get(id)!.number)),
                  })}
                </Button>
              ))}
            </div>
          </div>
        )}
        {rows.length === 0 ? (
          <Text>{t('cash.nothing_proposed')}</Text>
        ) : (
          <DataTable
            caption={t('cash.what_it_settles')}
            columns={columnsOf(change, money, currency)}
            rows={rows}
            rowKey={(row) => row.document_id}
          />
        )}
        {rest.length > 0 && (
          <div>
            <Text size="sm" c="dimmed" mb={6}>
              {t('cash.others', { count: rest.length })}
            </Text>
            <div className={classes.pick}>
              {rest.slice(0, OTHERS_SHOWN).map((each) => (
                <Button
                  key={each.document_id}
                  size="compact-sm"
                  variant="default"
                  onClick={() =>
                    setRows([
                      ...rows,
                      {
                        ...each,
                        picked: true,
                        written: textOf(fitting(each.open_amount, sums.left, currency), currency),
                      },
                    ])
                  }
                >
                  {t('cash.add', {
                    number: each.number,
                    amount: money(each.is_credit ? -each.open_amount : each.open_amount),
                  })}
                </Button>
              ))}
            </div>
          </div>
        )}
        <form
          className={`sheet ${classes.confirm}`}
          onSubmit={(event) => {
            event.preventDefault()
            void submit({})
          }}
        >
          <Group align="flex-end">
            <TextInput
              label={`${t('cash.sum_payment')} (${currency})`}
              inputMode="decimal"
              className={classes.field}
              value={amount}
              error={readAmount(amount) ? undefined : t('cash.not_an_amount')}
              onChange={(event) => setAmount(event.currentTarget.value)}
            />
            <DateField
              label={t('cash.received_on')}
              value={day}
              max={format.today()}
              required
              onChange={(event) => setDay(event.currentTarget.value)}
            />
            <TextInput
              label={t('cash.reference')}
              value={reference}
              maxLength={100}
              onChange={(event) => setReference(event.currentTarget.value)}
            />
          </Group>
          <dl className={classes.sums} aria-live="polite">
            {sums.credits > 0 && (
              <Sum label={t('cash.sum_credits')} value={money(amountOf(sums.credits, currency))} />
            )}
            <Sum label={t('cash.sum_settles')} value={money(amountOf(sums.settles, currency))} />
            <Sum
              label={t('cash.sum_unapplied')}
              value={
                sums.left < 0
                  ? t('cash.sum_too_much', { amount: money(amountOf(-sums.left, currency)) })
                  : money(amountOf(sums.left, currency))
              }
              bad={sums.left < 0}
            />
          </dl>
          <Button type="submit" loading={busy} disabled={!sums.isReady}>
            {t('cash.confirm')}
          </Button>
        </form>
        <FormError error={error} />
      </Stack>
    </Section>
  )
}

const Sum = ({ label, value, bad }: { label: string; value: string; bad?: boolean }) => (
  <div>
    <Text component="dt" size="sm" c="dimmed">
      {label}
    </Text>
    <dd data-bad={bad || undefined}>{value}</dd>
  </div>
)

const namesOf = (numbers: string[]) =>
  numbers.length > 4 ? `${numbers.slice(0, 4).join(', ')} +${numbers.length - 4}` : numbers.join(', ')

const fitting = (open: number, left: number, currency: string) =>
  left > 0 ? amountOf(Math.min(minorOf(open, currency), left), currency) : open

/** In minor units: the payment and the credits used, less what they settle. */
function sumsOf(rows: readonly Row[], amount: number | null, currency: string) {
  const picked = rows.filter((row) => row.picked)
  const minor = (row: Row) => minorOf(readAmount(row.written) ?? 0, currency)
  const sum = (isCredit: boolean) =>
    picked.filter((row) => row.is_credit === isCredit).reduce((all, row) => all + minor(row), 0)
  const [settles, credits] = [sum(false), sum(true)]
  const left = minorOf(amount ?? 0, currency) + credits - settles
  const fits = picked.every(
    (row) => readAmount(row.written) !== null && minor(row) <= minorOf(row.open_amount, currency),
  )
  return {
    settles,
    credits,
    left,
    isReady: fits && left >= 0 && amount !== null && amount > 0 && credits <= settles,
  }
}

function columnsOf(
  change: (id: number, to: Partial<Row>) => void,
  money: (amount: number) => string,
  currency: string,
): Column<Row>[] {
  return [
    {
      key: 'number',
      header: t('cash.invoice'),
      title: true,
      cell: (row) => (
        <Group gap="sm" wrap="nowrap">
          <Checkbox
            aria-label={t('cash.settle', { number: row.number })}
            checked={row.picked}
            onChange={(event) => change(row.document_id, { picked: event.currentTarget.checked })}
          />
          <TextLink to={`/receivables/invoices/${row.document_id}`} inherit>
            {row.number}
          </TextLink>
        </Group>
      ),
    },
    {
      key: 'why',
      header: t('cash.why'),
      cell: (row) => (
        <>
          <Text size="sm">
            {(row.reasons ?? []).map((reason) => t(`cash.why_${reason}` as MessageKey)).join(', ') || '–'}
            {row.difference_reason && ` (${t(`cash.short_${row.difference_reason}` as MessageKey)})`}
          </Text>
          {row.said && (
            <Text size="xs" className={classes.quote}>
              “{row.said}”
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'open',
      header: t('cash.open'),
      align: 'right',
      width: '140px',
      cell: (row) => money(row.is_credit ? -row.open_amount : row.open_amount),
    },
    {
      key: 'settles',
      header: t('cash.settles'),
      align: 'right',
      width: '190px',
      cell: (row) => {
        const settles = readAmount(row.written)
        const stays = settles === null ? 0 : minorOf(row.open_amount, currency) - minorOf(settles, currency)
        return (
          <TextInput
            aria-label={t('cash.settled_amount', { number: row.number })}
            inputMode="decimal"
            size="xs"
            className={classes.field}
            style={{ marginInlineStart: 'auto' }}
            value={row.written}
            disabled={!row.picked}
            error={
              row.picked && (settles === null || stays < 0)
                ? settles === null
                  ? t('cash.not_an_amount')
                  : t('cash.sum_too_much', { amount: money(amountOf(-stays, currency)) })
                : undefined
            }
            description={
              row.picked && stays > 0 && !row.is_credit
                ? t('cash.stays_open', { amount: money(amountOf(stays, currency)) })
                : undefined
            }
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            onChange={(event) => change(row.document_id, { written: event.currentTarget.value })}
          />
        )
      },
    },
  ]
}
