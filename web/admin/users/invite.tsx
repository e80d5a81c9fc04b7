import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useFormat } from '../../session.ts'
import { CopyField } from '../../shared/copy-field.tsx'
import { emailRule, FormError, useSubmit } from '../../shared/form.tsx'
import type { InvitationMade, NewInvitation } from '../../wire.ts'
import { PlaceFields, type Places } from '../place-fields.tsx'
import { RoleChoice } from '../role-choice.tsx'

export function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={t('core.do_invite')} size="lg">
      <InviteForm onClose={onClose} />
    </Modal>
  )
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [made, setMade] = useState<InvitationMade | null>(null)
  const form = useForm({
    initialValues: {
      email: '',
      full_name: '',
      role_codes: [] as string[],
      places: { region_id: null, department_id: null, outlets: [] } as Places,
    },
    validate: { email: emailRule, role_codes: (codes) => (codes.length > 0 ? null : t('admin.choose_role')) },
  })
  const { busy, error, submit } = useSubmit(async ({ places, ...values }: typeof form.values) => {
    const body: NewInvitation = { ...values, email: values.email.trim(), ...places }
    setMade(await api<InvitationMade>('POST', '/api/admin/invitations', { body }))
    await client.invalidateQueries({ queryKey: ['invitations'] })
  }, form)
  if (made)
    return (
      <Made
        made={made}
        onAgain={() => {
          form.reset()
          setMade(null)
        }}
        onClose={onClose}
      />
    )
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="md">
        <FormError error={error} />
        <TextInput
          label={t('admin.email')}
          type="email"
          data-autofocus
          autoComplete="off"
          {...form.getInputProps('email')}
        />
        <TextInput
          label={t('core.optional', { label: t('admin.full_name') })}
          autoComplete="off"
          {...form.getInputProps('full_name')}
        />
        <RoleChoice
          value={form.values.role_codes}
          onChange={(codes) => form.setFieldValue('role_codes', codes)}
          error={form.errors.role_codes}
        />
        <PlaceFields value={form.values.places} onChange={(places) => form.setFieldValue('places', places)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('core.cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t('admin.invite_make')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Made({
  made,
  onAgain,
  onClose,
}: {
  made: InvitationMade
  onAgain: () => void
  onClose: () => void
}) {
  const format = useFormat()
  return (
    <Stack gap="md">
      <Text role="status">
        {t('admin.invite_made', { email: made.email, until: format.instant(made.expires_at) })}
      </Text>
      <CopyField label={t('admin.invite_link')} description={t('admin.invite_link_why')} value={made.link} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onAgain}>
          {t('admin.invite_another')}
        </Button>
        <Button onClick={onClose}>{t('admin.done')}</Button>
      </Group>
    </Stack>
  )
}
