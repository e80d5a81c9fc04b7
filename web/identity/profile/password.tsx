import { Button, Group, PasswordInput, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useRefreshSession } from '../../session.ts'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { NewPassword, passwordRule, visibilityToggle } from '../../shared/password-field.tsx'
import { Section } from '../../shared/section.tsx'
import { done } from '../../shared/toast.tsx'

export function Password() {
  const refresh = useRefreshSession()
  const form = useForm({
    initialValues: { old_password: '', new_password: '' },
    validate: {
      old_password: (value) => (value ? null : t('core.required_field')),
      new_password: passwordRule,
    },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await api('POST', '/api/profile/password', { body: values })
    form.reset()
    await refresh()
    done(t('identity.password_changed'))
  }, form)
  return (
    <Section title={t('identity.password')} why={t('identity.password_why')}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap="md">
          <FormError error={error} />
          <PasswordInput
            label={t('identity.old_password')}
            autoComplete="current-password"
            visibilityToggleButtonProps={visibilityToggle()}
            {...form.getInputProps('old_password')}
          />
          <NewPassword {...form.getInputProps('new_password')} />
          <Group>
            <Button type="submit" loading={busy}>
              {t('identity.change_password')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
