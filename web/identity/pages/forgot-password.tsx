import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { emailRule, FormError, useSubmit } from '../../shared/form.tsx'
import { Outside } from '../../shell/outside.tsx'

export default function ForgotPassword() {
  const [sent, setSent] = useState(false)
  const form = useForm({ initialValues: { email: '' }, validate: { email: emailRule } })
  const { busy, error, submit } = useSubmit(async ({ email }: { email: string }) => {
    await api('POST', '/api/auth/forgot-password', { body: { email: email.trim() } })
    setSent(true)
  }, form)
  const below = (
    <Text size="sm">
      <Anchor component={Link} to="/sign-in">
        {t('identity.back_to_sign_in')}
      </Anchor>
    </Text>
  )
  if (sent)
    return (
      <Outside title={t('identity.forgot_sent')} below={below}>
        <Text role="status">{t('identity.forgot_sent_why')}</Text>
      </Outside>
    )
  return (
    <Outside title={t('identity.forgot')} lead={t('identity.forgot_why')} below={below}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap="md">
          <FormError error={error} />
          <TextInput
            label={t('identity.email')}
            type="email"
            autoComplete="email"
            size="md"
            {...form.getInputProps('email')}
          />
          <Button type="submit" size="md" loading={busy}>
            {t('identity.forgot_send')}
          </Button>
        </Stack>
      </form>
    </Outside>
  )
}
