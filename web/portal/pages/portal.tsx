import { Button, Checkbox, Group, Text, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api } from '../../api.ts'
import { intlLocale, t } from '../../i18n.ts'
import { type Formatter, formatter } from '../../shared/format.ts'
import { useHeadingFocus } from '../../shared/heading-focus.ts'
import { Empty, Failed, Loading } from '../../shared/states.tsx'
import type { PortalItem, PortalPage } from '../../wire.ts'
import { DisputeForm, PromiseForm } from '../forms.tsx'
import classes from '../portal.module.css'

type Part = PortalPage['parts'][number]

/** A customer's open items by the link they were given: outside the shell, without an account. */
export default function Portal() {
  const { token = '' } = useParams({ strict: false }) as { token?: string }
  const root = `/api/portal/${encodeURIComponent(token)}`
  const page = useQuery({
    queryKey: ['portal', token],
    queryFn: () => api<PortalPage>('GET', root),
    retry: false,
  })
  const { data } = page
  const heading = useHeadingFocus()
  const title = data ? t('portal.title', { organisation: data.organisation }) : t('portal.waiting')
  useEffect(() => {
    document.title = title
  }, [title])
  const isThere = data !== undefined
  useEffect(() => {
    // Nobody waits for it, and nobody is told when it fails.
    if (isThere) void api('POST', `${root}/opened`).catch(() => {})
  }, [isThere, root])
  const format =
    data && formatter(`${intlLocale()}-${data.country}`, data.parts[0]?.currency ?? 'USD', data.timezone)
  return (
    <main id="main" className={classes.page}>
      <meta name="robots" content="noindex, nofollow" />
      <Title ref={heading} order={1} size="h2" tabIndex={-1}>
        {title}
      </Title>
      {page.isError && <Failed error={page.error} />}
      {page.isPending && <Loading lines={6} />}
      {data && format && (
        <>
          <Text c="dimmed" mt={2} mb="md">
            {t('portal.lead', { customer: data.customer, day: format.day(data.as_of) })}
          </Text>
          {data.parts.length === 0 && <Empty title={t('portal.nothing')} why={t('portal.nothing_why')} />}
          {data.parts.map((part) => (
            <Open key={part.currency} part={part} page={data} root={root} token={token} format={format} />
          ))}
          <Group mt="lg" justify="space-between">
            <Button component="a" href={`${root}/statement`} variant="default" download>
              {t('portal.download')}
            </Button>
            <Text size="sm" c="dimmed">
              {t('portal.until', { day: format.instant(data.expires_at) })}
            </Text>
          </Group>
        </>
      )}
    </main>
  )
}

type Props = { part: Part; page: PortalPage; root: string; token: string; format: Formatter }

function Open({ part, page, root, token, format }: Props) {
  const client = useQueryClient()
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const [promising, setPromising] = useState(false)
  const [disputing, setDisputing] = useState<PortalItem | null>(null)
  const [said, setSaid] = useState('')
  const money = (amount: number) => format.money(amount, part.currency)
  const items = part.items.filter((item) => chosen.has(item.id))
  const sums: [string, number][] = [
    [t('portal.balance'), part.balance],
    [t('portal.overdue'), part.overdue_amount],
    ...(part.unapplied === 0 ? [] : ([[t('portal.credits'), part.unapplied]] as [string, number][])),
  ]
  const done = (sentence: string) => {
    setSaid(sentence)
    setChosen(new Set())
    setPromising(false)
    setDisputing(null)
    void client.invalidateQueries({ queryKey: ['portal', token] })
  }
  const about = { root, money, format, today: page.as_of, until: page.promise_until, onDone: done }
  return (
    <section aria-label={t('portal.in_currency', { currency: part.currency })}>
      <Title order={2} size="h4" mt="md" mb="xs">
        {t('portal.in_currency', { currency: part.currency })}
      </Title>
      <dl className={classes.sums}>
        {sums.map(([label, amount]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{money(amount)}</dd>
          </div>
        ))}
      </dl>
      <Text role="status" fw={600} mb={said ? 'sm' : 0}>
        {said}
      </Text>
      <ul className={classes.list} aria-label={t('portal.open')}>
        {part.items.map((item) => (
          <li key={item.id} className={classes.item}>
            <Checkbox
              aria-label={t('portal.choose', { number: item.number })}
              checked={chosen.has(item.id)}
              onChange={() => {
                const next = new Set(chosen)
                if (!next.delete(item.id)) next.add(item.id)
                setChosen(next)
              }}
            />
            <div>
              <span className={classes.number}>{item.number}</span>
              <Text size="sm" c="dimmed">
                {[
                  item.due_date ? t('portal.due', { day: format.day(item.due_date) }) : t('portal.no_date'),
                  (item.days_overdue ?? 0) > 0 && t('portal.late', { count: item.days_overdue! }),
                  item.disputed_amount > 0 && t('portal.disputed', { amount: money(item.disputed_amount) }),
                  item.promised_on && t('portal.promised', { day: format.day(item.promised_on) }),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </Text>
            </div>
            <div className={classes.money}>
              <strong>{money(item.open_amount)}</strong>
              {item.amount !== item.open_amount && (
                <Text size="xs" c="dimmed">
                  {t('portal.of', { amount: money(item.amount) })}
                </Text>
              )}
              <Button
                size="compact-sm"
                variant="subtle"
                aria-label={t('portal.dispute_one', { number: item.number })}
                onClick={() => setDisputing(item)}
              >
                {t('portal.dispute')}
              </Button>
            </div>
          </li>
        ))}
        {part.credits.map((item) => (
          <li key={item.id} className={classes.item}>
            <span />
            <div>
              <span className={classes.number}>{item.number}</span>
              <Text size="sm" c="dimmed">
                {t('portal.credits')}
              </Text>
            </div>
            <strong className={classes.money}>{money(item.open_amount)}</strong>
          </li>
        ))}
      </ul>
      {part.items.length > 0 && (
        <div className={classes.foot}>
          <Text size="sm">{t('portal.chosen', { count: items.length })}</Text>
          <Button disabled={items.length === 0} onClick={() => setPromising(true)}>
            {t('portal.promise')}
          </Button>
        </div>
      )}
      {promising && <PromiseForm items={items} {...about} onClose={() => setPromising(false)} />}
      {disputing && <DisputeForm item={disputing} {...about} onClose={() => setDisputing(null)} />}
    </section>
  )
}
