import { Checkbox, NativeSelect, SimpleGrid, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { emailRule, required, useSubmit } from '../shared/form.tsx'
import { done } from '../shared/toast.tsx'
import type { Contact } from '../wire.ts'
import { FormDrawer } from './drawer.tsx'
import { channelLabel, channels } from './words.ts'

type Props = { customerId: number; contact: Contact | undefined; onClose: () => void }

/** A person of a customer: new, or changed. */
export function ContactForm({ customerId, contact, onClose }: Props) {
  const client = useQueryClient()
  const form = useForm({
    initialValues: {
      name: contact?.name ?? '',
      role: contact?.role ?? '',
      email: contact?.email ?? '',
      phone: contact?.phone ?? '',
      preferred_channel: contact?.preferred_channel ?? '',
      is_main: contact?.is_main ?? false,
      note: contact?.note ?? '',
    },
    validate: {
      name: required,
      email: (value) => (value.trim() === '' ? null : emailRule(value)),
      phone: (value) =>
        value.trim() === '' || /^\+?[0-9][0-9 ()-]{4,24}$/.test(value.trim())
          ? null
          : t('work.phone_invalid'),
    },
  })
  const { busy, error, submit } = useSubmit(async (body: typeof form.values) => {
    if (contact)
      await api('PUT', `/api/receivables/contacts/${contact.id}`, {
        body,
        ifMatch: ifMatchOf(null, contact.version),
      })
    else await api('POST', `/api/receivables/customers/${customerId}/contacts`, { body })
    onClose()
    done(t('work.person_kept', { name: body.name }))
    await client.invalidateQueries({ queryKey: ['customers'] })
  }, form)
  return (
    <FormDrawer
      title={contact ? t('work.change_person', { name: contact.name }) : t('work.add_person')}
      action={t('core.save')}
      busy={busy}
      error={error}
      canSend
      onSend={() => form.onSubmit((values) => void submit(values))()}
      onClose={onClose}
    >
      <TextInput label={t('work.name')} maxLength={200} {...form.getInputProps('name')} data-autofocus />
      <TextInput
        label={t('work.role')}
        description={t('work.role_why')}
        maxLength={120}
        {...form.getInputProps('role')}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput label={t('receivables.phone')} type="tel" {...form.getInputProps('phone')} />
        <TextInput label={t('receivables.email')} type="email" {...form.getInputProps('email')} />
      </SimpleGrid>
      <NativeSelect
        label={t('work.preferred')}
        data={[
          { value: '', label: t('work.no_preference') },
          ...Object.keys(channels).map((value) => ({ value, label: channelLabel(value) })),
        ]}
        {...form.getInputProps('preferred_channel')}
      />
      <Checkbox label={t('work.ask_first')} {...form.getInputProps('is_main', { type: 'checkbox' })} />
      <Textarea
        label={t('work.note')}
        rows={3}
        resize="vertical"
        maxLength={2000}
        {...form.getInputProps('note')}
      />
    </FormDrawer>
  )
}
