import { Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { can, useFormat, useMe } from '../session.ts'
import { CopyField } from '../shared/copy-field.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Section } from '../shared/section.tsx'
import { Loaded } from '../shared/states.tsx'
import { done, failed } from '../shared/toast.tsx'
import type { CustomerDetails, LinkMade, StatementLink } from '../wire.ts'
import classes from './invoice.module.css'

/** Statements as paper, and links by which the customer sees what is open. */
export function CustomerLinks({ customer }: { customer: CustomerDetails }) {
  const me = useMe()
  const format = useFormat()
  const client = useQueryClient()
  const [making, setMaking] = useState(false)
  const path = `/api/receivables/customers/${customer.id}`
  const key = ['statement-links', customer.id]
  const links = useQuery({
    queryKey: key,
    queryFn: () => api<{ items: StatementLink[] }>('GET', `${path}/links`),
  })
  const again = () => client.invalidateQueries({ queryKey: key })
  const revoke = async (link: StatementLink) => {
    try {
      await api('POST', `/api/receivables/statement-links/${link.id}/revoke`)
      done(t('receivables.link_revoked_now'))
    } catch (error) {
      failed(error)
    }
    await again()
  }
  const state = (link: StatementLink) =>
    link.state === 'revoked'
      ? t('receivables.link_revoked')
      : t(link.state === 'expired' ? 'receivables.link_expired' : 'receivables.link_until', {
          day: format.instant(link.expires_at),
        })
  return (
    <Section title={t('receivables.statement')} why={t('receivables.statement_why')}>
      <Group gap="xs" mb="sm">
        <Button component="a" href={`${path}/statement`} variant="default" size="compact-md" download>
          {t('receivables.statement_pdf')}
        </Button>
        {can(me, 'receivables.write') && (
          <Button size="compact-md" onClick={() => setMaking(true)}>
            {t('receivables.link_make')}
          </Button>
        )}
      </Group>
      <Loaded query={links} lines={2}>
        {({ items }) => (
          <ul className={classes.list}>
            {items.map((link) => (
              <li key={link.id} className={classes.item}>
                <Group justify="space-between" gap="xs" wrap="nowrap">
                  <div>
                    {link.note ?? t('receivables.link')} {link.currency ?? ''}
                    <Text size="sm" c="dimmed">
                      {state(link)} ·{' '}
                      {link.last_opened_at
                        ? t('receivables.link_opened', { ago: format.ago(link.last_opened_at) })
                        : t('receivables.link_unopened')}
                    </Text>
                  </div>
                  {link.state === 'open' && can(me, 'receivables.write') && (
                    <Button size="compact-sm" variant="subtle" color="red" onClick={() => revoke(link)}>
                      {t('receivables.link_revoke')}
                    </Button>
                  )}
                </Group>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {making && (
        <MakeLink
          path={path}
          currencies={customer.currencies.map(({ currency }) => currency)}
          onMade={again}
          onClose={() => setMaking(false)}
        />
      )}
    </Section>
  )
}

function MakeLink({
  path,
  currencies,
  onMade,
  onClose,
}: {
  path: string
  currencies: string[]
  onMade: () => unknown
  onClose: () => void
}) {
  const [days, setDays] = useState('30')
  const [currency, setCurrency] = useState('')
  const [note, setNote] = useState('')
  const [made, setMade] = useState<LinkMade | null>(null)
  const { busy, error, submit } = useSubmit(async () => {
    setMade(
      await api<LinkMade>('POST', `${path}/links`, {
        body: { days: Number(days), currency: currency || undefined, note: note.trim() || undefined },
      }),
    )
    onMade()
  })
  return (
    <Modal opened onClose={onClose} title={t('receivables.link_make')}>
      {made ? (
        <Stack gap="md">
          <CopyField
            label={t('receivables.link')}
            value={made.link}
            description={t('receivables.link_once')}
          />
          <Button onClick={onClose}>{t('core.close')}</Button>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void submit({})
          }}
        >
          <Stack gap="md">
            <FormError error={error} />
            <NativeSelect
              label={t('receivables.link_days')}
              value={days}
              data={[7, 14, 30, 90].map((count) => ({
                value: String(count),
                label: t('receivables.link_in_days', { count }),
              }))}
              onChange={(event) => setDays(event.currentTarget.value)}
              data-autofocus
            />
            {currencies.length > 1 && (
              <NativeSelect
                label={t('core.currency')}
                value={currency}
                data={[{ value: '', label: t('core.filter_all') }, ...currencies]}
                onChange={(event) => setCurrency(event.currentTarget.value)}
              />
            )}
            <TextInput
              label={t('receivables.link_note')}
              value={note}
              maxLength={200}
              onChange={(event) => setNote(event.currentTarget.value)}
            />
            <Button type="submit" loading={busy}>
              {t('receivables.link_make')}
            </Button>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
