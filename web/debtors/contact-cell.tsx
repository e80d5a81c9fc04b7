import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { done } from '../shared/toast.tsx'
import type { Debtor, DebtorContacts } from '../wire.ts'
import classes from './debtors.module.css'
import { apiOf, useRefresh } from './queries.ts'

type Contact = Pick<
  Debtor,
  | 'id'
  | 'pharmacy_id'
  | 'name'
  | 'email'
  | 'phone'
  | 'email_by_hand'
  | 'phone_by_hand'
  | 'stated_email'
  | 'stated_phone'
  | 'version'
>
type Field = 'email' | 'phone'

/** Writes contacts, and how to take it back: to what was written by hand before, or to what the report says. */
function useContacts(debtor: Contact) {
  const refresh = useRefresh()
  const patch = (body: DebtorContacts, version: number) =>
    api<Contact>('PATCH', `${apiOf(debtor.pharmacy_id)}/${debtor.id}`, { body, ifMatch: `"${version}"` })
  return async (changes: DebtorContacts) => {
    const after = await patch(changes, debtor.version)
    await refresh()
    const touched = (['email', 'phone'] as const).filter(
      (field) => field in changes || changes.as_reported?.includes(field),
    )
    const back = (field: Field) => touched.includes(field) && debtor[`${field}_by_hand`]
    const reported = touched.filter((field) => !debtor[`${field}_by_hand`])
    done(t('debtors.contact_saved', { name: debtor.name }), async () => {
      await patch(
        {
          ...(back('email') ? { email: debtor.email } : {}),
          ...(back('phone') ? { phone: debtor.phone } : {}),
          ...(reported.length > 0 ? { as_reported: reported } : {}),
        },
        after.version,
      )
      await refresh()
    })
  }
}

/** How somebody is reached, changed where it stands. What is written here wins over the next report. */
export function ContactCell({ debtor, mayEdit }: { debtor: Contact; mayEdit: boolean }) {
  const [editing, setEditing] = useState(false)
  if (editing) return <ContactForm debtor={debtor} onClose={() => setEditing(false)} />
  return (
    <div className={classes.contact}>
      <div className={classes.contactWords}>
        {debtor.email && <div>{debtor.email}</div>}
        {debtor.phone && <div>{debtor.phone}</div>}
        {!debtor.email && !debtor.phone && (
          <Text size="sm" c="dimmed">
            {t('debtors.no_contact')}
          </Text>
        )}
        <Stated debtor={debtor} />
      </div>
      {mayEdit && (
        <ActionIcon
          variant="subtle"
          data-edit-contact
          aria-label={t('debtors.edit_contact', { name: debtor.name })}
          onClick={() => setEditing(true)}
        >
          <IconPencil size={16} aria-hidden />
        </ActionIcon>
      )}
    </div>
  )
}

/** What was written by hand, where the report prints something else. */
const differing = (debtor: Contact) =>
  (['email', 'phone'] as const).filter(
    (field) =>
      debtor[`${field}_by_hand`] && debtor[`stated_${field}`] && debtor[`stated_${field}`] !== debtor[field],
  )

/** What the report says where somebody knows better. */
function Stated({ debtor }: { debtor: Contact }) {
  const stated = differing(debtor)
    .map((field) => debtor[`stated_${field}`])
    .join(', ')
  if (!stated) return null
  return (
    <Text size="xs" className={classes.stated}>
      {t('debtors.report_says', { stated })}
    </Text>
  )
}

export function ContactForm({ debtor, onClose }: { debtor: Contact; onClose: () => void }) {
  const write = useContacts(debtor)
  const [email, setEmail] = useState(debtor.email ?? '')
  const [phone, setPhone] = useState(debtor.phone ?? '')
  const changes = {
    ...(email.trim() === (debtor.email ?? '') ? {} : { email: email.trim() || null }),
    ...(phone.trim() === (debtor.phone ?? '') ? {} : { phone: phone.trim() || null }),
  }
  const { busy, error, submit } = useSubmit(async (what: DebtorContacts) => {
    if (Object.keys(what).length > 0) await write(what)
    onClose()
  })
  const stated = differing(debtor)
  return (
    <form
      className={classes.contactForm}
      aria-label={t('debtors.edit_contact', { name: debtor.name })}
      onSubmit={(event) => {
        event.preventDefault()
        void submit(changes)
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <Stack gap={6}>
        <TextInput
          size="xs"
          type="email"
          aria-label={t('debtors.email')}
          placeholder={t('debtors.email')}
          value={email}
          autoFocus
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          type="tel"
          aria-label={t('debtors.phone')}
          placeholder={t('debtors.phone')}
          value={phone}
          onChange={(event) => setPhone(event.currentTarget.value)}
        />
        <FormError error={error} />
        <Group gap={6}>
          <Button type="submit" size="compact-sm" loading={busy}>
            {t('core.save')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={onClose}>
            {t('core.cancel')}
          </Button>
          {stated.length > 0 && (
            <Button size="compact-sm" variant="subtle" onClick={() => void submit({ as_reported: stated })}>
              {t('debtors.use_reported')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}
