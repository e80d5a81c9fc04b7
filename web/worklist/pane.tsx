import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { Figure } from '../receivables/figure.tsx'
import { can, useFormat, useMe } from '../session.ts'
import { Section } from '../shared/section.tsx'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { failed } from '../shared/toast.tsx'
import { useKey } from '../shared/use-key.ts'
import type { Attempt, InvoicePage, Page, WorklistItem } from '../wire.ts'
import { outcomeLabel } from '../work/words.ts'
import { CallForm, PauseForm, PromiseForm } from './forms.tsx'
import { Reasons } from './reasons.tsx'
import classes from './worklist.module.css'

type Open = 'call' | 'promise' | 'pause' | null
type Props = { item: WorklistItem; onDone: () => void; onNext: () => void; onBack: () => void }

/** One customer: why now, what is owed, what was said, and what is written down while one talks. */
export function Pane({ item, onDone, onNext, onBack }: Props) {
  const format = useFormat()
  const me = useMe()
  const client = useQueryClient()
  const [open, setOpen] = useState<Open>(null)
  const works = can(me, 'receivables.write')
  useKey(
    'c',
    take(() => setOpen('call')),
    works,
  )
  useKey(
    'p',
    take(() => setOpen('promise')),
    works,
  )
  useKey(
    's',
    take(() => setOpen('pause')),
    works,
  )
  useKey('n', take(onNext))
  const money = (amount: number) => format.money(amount, item.currency)
  const form = { item, onDone, onCancel: () => setOpen(null) }
  const resume = async () => {
    try {
      await api('DELETE', `/api/receivables/worklist/${item.customer_id}/pause`)
      await client.invalidateQueries({ queryKey: ['worklist'] })
    } catch (error) {
      failed(error)
    }
  }
  return (
    <div className={classes.pane}>
      <section className={`sheet ${classes.head}`} aria-label={item.name}>
        <div className={classes.backLine}>
          <Button variant="subtle" size="compact-sm" onClick={onBack} mb="xs">
            {t('worklist.back')}
          </Button>
        </div>
        <Group justify="space-between" align="flex-start" gap="sm">
          <div>
            <Title order={2} size="h3" className="wrap-anywhere">
              {item.name}
            </Title>
            <Group gap="md" mt={2}>
              {item.code && item.code !== item.name && (
                <Text size="sm" c="dimmed">
                  {item.code}
                </Text>
              )}
              {item.phone && (
                <Text size="sm" component="a" href={`tel:${item.phone.replace(/[^\d+]/g, '')}`}>
                  {item.phone}
                </Text>
              )}
              {item.email && (
                <Text size="sm" component="a" href={`mailto:${item.email}`}>
                  {item.email}
                </Text>
              )}
              <TextLink to={`/receivables/customers/${item.customer_id}`} size="sm">
                {t('worklist.open_page')}
              </TextLink>
            </Group>
          </div>
          <Group gap="xs">
            {works && (
              <>
                <KeyButton letter="C" onClick={() => setOpen('call')}>
                  {t('worklist.call')}
                </KeyButton>
                <KeyButton letter="P" onClick={() => setOpen('promise')}>
                  {t('worklist.promise')}
                </KeyButton>
                <KeyButton letter="S" onClick={() => setOpen('pause')} quiet>
                  {t('worklist.put_off')}
                </KeyButton>
              </>
            )}
            <KeyButton letter="N" onClick={onNext} quiet>
              {t('worklist.next')}
            </KeyButton>
          </Group>
        </Group>
        <dl className={classes.figures}>
          <Figure label={t('worklist.to_collect')} value={money(item.collectable)} />
          <Figure label={t('worklist.overdue')} value={money(item.overdue)} />
          {item.promised > 0 && <Figure label={t('worklist.promised')} value={money(item.promised)} />}
          {item.disputed > 0 && <Figure label={t('worklist.in_dispute')} value={money(item.disputed)} />}
          <Figure
            label={t('worklist.last_payment')}
            value={item.last_payment_on ? format.day(item.last_payment_on) : t('worklist.never')}
          />
        </dl>
        {item.paused_until && (
          <Group gap="sm" mt="md">
            <Text size="sm">
              {t('worklist.paused_until', {
                day: format.day(item.paused_until),
                reason: item.paused_because ?? '',
              })}
            </Text>
            <Button size="compact-sm" variant="default" onClick={resume}>
              {t('worklist.resume')}
            </Button>
          </Group>
        )}
      </section>
      {open === 'call' && (
        <Section title={t('worklist.call')}>
          <CallForm {...form} />
        </Section>
      )}
      {open === 'promise' && (
        <Section title={t('worklist.promise')}>
          <PromiseForm {...form} />
        </Section>
      )}
      {open === 'pause' && (
        <Section title={t('worklist.put_off')}>
          <PauseForm {...form} />
        </Section>
      )}
      <Section title={t('worklist.score')}>
        <Reasons item={item} />
      </Section>
      <Invoices item={item} />
      <Contacts customerId={item.customer_id} />
    </div>
  )
}

/** The letter is not typed into the field that it opens. */
const take = (act: () => void) => (event: KeyboardEvent) => {
  event.preventDefault()
  act()
}

function KeyButton({
  letter,
  onClick,
  quiet = false,
  children,
}: {
  letter: string
  onClick: () => void
  quiet?: boolean
  children: string
}) {
  return (
    <Button
      size="sm"
      variant={quiet ? 'default' : 'filled'}
      onClick={onClick}
      aria-keyshortcuts={letter}
      rightSection={
        <kbd className={classes.key} aria-hidden>
          {letter}
        </kbd>
      }
    >
      {children}
    </Button>
  )
}

function Invoices({ item }: { item: WorklistItem }) {
  const format = useFormat()
  const query = { customer_id: item.customer_id, currency: item.currency, status: 'unpaid' }
  const invoices = useQuery({
    queryKey: ['invoices', 'worklist', query],
    queryFn: () =>
      api<InvoicePage>('GET', '/api/receivables/invoices', {
        query: { ...query, sort: 'days_overdue', order: 'desc', page_size: 12 },
      }),
  })
  return (
    <Section title={t('worklist.open_invoices')}>
      <Loaded query={invoices} lines={4}>
        {({ items, total }) => (
          <Stack gap="sm">
            <table className={classes.invoices} aria-label={t('worklist.open_invoices')}>
              <tbody>
                {items.map((invoice) => (
                  <tr key={invoice.id}>
                    <td>
                      <TextLink to={`/receivables/invoices/${invoice.id}`} size="sm">
                        {invoice.invoice_number}
                      </TextLink>
                    </td>
                    <td>
                      <Text size="sm" c={(invoice.days_overdue ?? 0) > 0 ? undefined : 'dimmed'}>
                        {(invoice.days_overdue ?? -1) >= 0
                          ? t('worklist.invoices_lateness', { days: invoice.days_overdue ?? 0 })
                          : invoice.due_date
                            ? t('worklist.invoice_due', { day: format.day(invoice.due_date) })
                            : '–'}
                      </Text>
                    </td>
                    <td className="figure">{format.money(invoice.open_amount, invoice.currency)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {total > items.length && (
              <TextLink
                to="/receivables/invoices"
                search={{ ...query, customer_id: String(item.customer_id) }}
                size="sm"
              >
                {t('worklist.all_invoices', { count: total })}
              </TextLink>
            )}
          </Stack>
        )}
      </Loaded>
    </Section>
  )
}

function Contacts({ customerId }: { customerId: number }) {
  const format = useFormat()
  const attempts = useQuery({
    queryKey: ['attempts', { customer_id: customerId }],
    queryFn: () =>
      api<Page<Attempt>>('GET', '/api/receivables/attempts', {
        query: { customer_id: customerId, page_size: 5 },
      }),
  })
  return (
    <Section title={t('worklist.contacts')}>
      <Loaded query={attempts} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('worklist.no_contacts')}</Text>
          ) : (
            <ul className={classes.contacts}>
              {items.map((attempt) => (
                <li key={attempt.id}>
                  <Text size="sm">
                    <strong>{outcomeLabel(attempt.outcome)}</strong>
                    {attempt.person && ` · ${attempt.person}`}
                    {` · ${format.instant(attempt.attempted_at)} · ${attempt.user.full_name}`}
                  </Text>
                  {attempt.note && (
                    <Text size="sm" c="dimmed" className="wrap-anywhere">
                      {attempt.note}
                    </Text>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}
