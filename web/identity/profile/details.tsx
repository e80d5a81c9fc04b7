import { Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useMe, useRefreshSession } from '../../session.ts'
import { emailRule, FormError, useSubmit } from '../../shared/form.tsx'
import { visibilityToggle } from '../../shared/password-field.tsx'
import { Section } from '../../shared/section.tsx'
import { done } from '../../shared/toast.tsx'

export function Details() {
  const me = useMe()
  const refresh = useRefreshSession()
  const form = useForm({
    initialValues: {
      full_name: me.full_name,
      email: me.email,
      phone_number: me.phone_number ?? '',
      password: '',
    },
    validate: { email: emailRule },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    const { password, phone_number, ...rest } = values
    await api('PUT', '/api/profile', {
      body: { ...rest, phone_number: phone_number || null, ...(password ? { password } : {}) },
    })
    await refresh()
    form.setValues({ ...values, password: '' })
    form.resetDirty({ ...values, password: '' })
    done(t('core.saved'))
  }, form)
  return (
    <Section title={t('identity.details')}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap="md">
          <FormError error={error} />
          <TextInput
            label={t('identity.username')}
            value={me.username}
            readOnly
            description={t('identity.username_fixed')}
          />
          <TextInput
            label={t('identity.full_name')}
            autoComplete="name"
            {...form.getInputProps('full_name')}
          />
          <TextInput
            label={t('identity.email')}
            type="email"
            autoComplete="email"
            {...form.getInputProps('email')}
          />
          {form.values.email !== me.email && (
            <PasswordInput
              label={t('identity.email_password')}
              autoComplete="current-password"
              visibilityToggleButtonProps={visibilityToggle()}
              {...form.getInputProps('password')}
            />
          )}
          <TextInput
            label={t('core.optional', { label: t('identity.phone') })}
            type="tel"
            autoComplete="tel"
            {...form.getInputProps('phone_number')}
          />
          <Group>
            <Button type="submit" loading={busy} disabled={!form.isDirty()}>
              {t('core.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
