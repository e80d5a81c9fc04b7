import { Button, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { NewPassword, passwordRule } from '../../shared/password-field.tsx'
import { Outside } from '../../shell/outside.tsx'

export default function ResetPassword() {
  const { token } = useParams({ strict: false }) as { token?: string }
  const [reset, setReset] = useState(false)
  const form = useForm({ initialValues: { new_password: '' }, validate: { new_password: passwordRule } })
  const { busy, error, submit } = useSubmit(async ({ new_password }: { new_password: string }) => {
    await api('POST', '/api/auth/reset-password', { body: { token, new_password } })
    setReset(true)
  }, form)
  if (reset)
    return (
      <Outside title={t('identity.reset_done')}>
        <Stack gap="md">
          <Text role="status">{t('identity.reset_done_why')}</Text>
          <Button component={Link} to="/sign-in" size="md">
            {t('identity.sign_in')}
          </Button>
        </Stack>
      </Outside>
    )
  return (
    <Outside title={t('identity.reset')}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap="md">
          <FormError error={error} />
          <NewPassword size="md" {...form.getInputProps('new_password')} />
          <Button type="submit" size="md" loading={busy}>
            {t('identity.reset_save')}
          </Button>
        </Stack>
      </form>
    </Outside>
  )
}
