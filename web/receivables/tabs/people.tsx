import { Badge, Button, Group, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Suspense, useState } from 'react'
import { api, ifMatchOf } from '../../api.ts'
import { MessageLog } from '../../communications/lazy.ts'
import { t } from '../../i18n.ts'
import { useCan, useFormat } from '../../session.ts'
import { Facts } from '../../shared/data-table.tsx'
import { Section } from '../../shared/section.tsx'
import { Loaded, Loading } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { Contact } from '../../wire.ts'
import { AttemptList } from '../../work/attempt-list.tsx'
import { ContactForm } from '../../work/contact-form.tsx'
import { channelLabel } from '../../work/words.ts'
import type { CustomerTabProps } from '../customer-tabs.ts'
import classes from '../invoice.module.css'

/** Whom one talks to, and when one did. */
export default function PeopleTab({ customer }: CustomerTabProps) {
  const mayWrite = useCan('receivables.write')
  const [editing, setEditing] = useState<Contact | 'new' | null>(null)
  const contacts = useQuery({
    queryKey: ['customers', 'contacts', customer.id],
    queryFn: () => api<{ items: Contact[] }>('GET', `/api/receivables/customers/${customer.id}/contacts`),
  })
  const stated: [string, React.ReactNode][] = [
    [t('receivables.email'), customer.email && <a href={`mailto:${customer.email}`}>{customer.email}</a>],
    [t('receivables.phone'), customer.phone && <a href={`tel:${customer.phone}`}>{customer.phone}</a>],
  ]
  const known = stated.filter(([, value]) => value)
  return (
    <div className={classes.columns}>
      <div>
        <Section
          title={t('work.people')}
          actions={
            mayWrite && (
              <Button
                variant="default"
                leftSection={<IconPlus size={17} aria-hidden />}
                onClick={() => setEditing('new')}
              >
                {t('work.add_person')}
              </Button>
            )
          }
        >
          <Loaded query={contacts} lines={3}>
            {({ items }) =>
              items.length === 0 ? (
                <Text c="dimmed">{t('work.no_people')}</Text>
              ) : (
                <ul className={classes.list}>
                  {items.map((contact) => (
                    <Person
                      key={contact.id}
                      contact={contact}
                      onEdit={mayWrite ? () => setEditing(contact) : undefined}
                    />
                  ))}
                </ul>
              )
            }
          </Loaded>
        </Section>
        <Section title={t('receivables.contact')} why={t('work.contact_stated')}>
          {known.length > 0 ? <Facts facts={known} /> : t('receivables.no_contact')}
        </Section>
      </div>
      <div>
        <Section title={t('work.attempts')}>
          <AttemptList customerId={customer.id} />
        </Section>
        <Section title={t('receivables.messages')}>
          <Suspense fallback={<Loading lines={3} />}>
            <MessageLog customerId={customer.id} />
          </Suspense>
        </Section>
      </div>
      {editing && (
        <ContactForm
          customerId={customer.id}
          contact={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(null)}
        />
      )}
    </div>
  )
}

function Person({ contact, onEdit }: { contact: Contact; onEdit: (() => void) | undefined }) {
  const client = useQueryClient()
  const format = useFormat()
  const again = () => client.invalidateQueries({ queryKey: ['customers'] })
  const remove = async () => {
    try {
      await api('DELETE', `/api/receivables/contacts/${contact.id}`, {
        ifMatch: ifMatchOf(null, contact.version),
      })
      const { name, role, email, phone, preferred_channel, is_main, note } = contact
      done(t('work.person_removed', { name }), () =>
        api('POST', `/api/receivables/customers/${contact.customer_id}/contacts`, {
          body: { name, role, email, phone, preferred_channel, is_main, note },
        }).then(again),
      )
    } catch (error) {
      failed(error)
    }
    await again()
  }
  return (
    <li className={classes.item}>
      <Group justify="space-between" align="flex-start" gap="xs">
        <div style={{ minWidth: 0, flex: 1 }}>
          <Group gap="xs">
            <Text fw={600}>{contact.name}</Text>
            {contact.is_main && <Badge color="pine">{t('work.asked_first')}</Badge>}
            {contact.preferred_channel && (
              <Badge color="gray">
                {t('work.prefers', { channel: channelLabel(contact.preferred_channel) })}
              </Badge>
            )}
          </Group>
          {contact.role && (
            <Text size="sm" c="dimmed">
              {contact.role}
            </Text>
          )}
          <Group gap="md">
            {contact.phone && <a href={`tel:${contact.phone.replaceAll(/[^\d+]/g, '')}`}>{contact.phone}</a>}
            {contact.email && <a href={`mailto:${contact.email}`}>{contact.email}</a>}
          </Group>
          {contact.note && (
            <p className={classes.body} style={{ fontSize: 'var(--mantine-font-size-sm)' }}>
              {contact.note}
            </p>
          )}
          {contact.last_attempt_at && (
            <Text size="xs" c="dimmed">
              {t('work.last_contact', { at: format.ago(contact.last_attempt_at) })}
            </Text>
          )}
        </div>
        {onEdit && (
          <Group gap={4}>
            <Button
              size="compact-sm"
              variant="subtle"
              aria-label={t('work.change_person', { name: contact.name })}
              onClick={onEdit}
            >
              {t('receivables.edit')}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              color="red"
              aria-label={t('work.remove_person', { name: contact.name })}
              onClick={remove}
            >
              {t('work.remove')}
            </Button>
          </Group>
        )}
      </Group>
    </li>
  )
}
