import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { enter } from '../../session.ts'
import { emailRule, FormError, required, useSubmit } from '../../shared/form.tsx'
import { NewPassword, passwordRule } from '../../shared/password-field.tsx'
import { Failed, Loading } from '../../shared/states.tsx'
import { Outside } from '../../shell/outside.tsx'
import type { Me, SignInOptions } from '../../wire.ts'

export default function Register() {
  const options = useQuery({
    queryKey: ['sign-in-options'],
    queryFn: () => api<SignInOptions>('GET', '/api/session/options'),
  })
  const below = (
    <Text size="sm">
      {t('identity.have_account')}{' '}
      <Anchor component={Link} to="/sign-in">
        {t('identity.sign_in')}
      </Anchor>
    </Text>
  )
  if (options.isError)
    return (
      <Outside title={t('identity.register')} below={below}>
        <Failed error={options.error} onRetry={() => options.refetch()} />
      </Outside>
    )
  if (!options.data)
    return (
      <Outside title={t('identity.register')} below={below}>
        <Loading />
      </Outside>
    )
  if (options.data.signup === 'off')
    return (
      <Outside title={t('identity.register')} lead={t('identity.invited_only')} below={below}>
        {null}
      </Outside>
    )
  return (
    <Outside title={t('identity.register')} lead={t('identity.register_why')} below={below}>
      <RegisterForm />
    </Outside>
  )
}

/** This door asks for more than length; the one of invitations does not. */
const mixedRule = (value: string) =>
  passwordRule(value) ??
  (/\p{Lu}/u.test(value) && /\p{Ll}/u.test(value) && /\d/.test(value) ? null : t('identity.password_mixed'))

function RegisterForm() {
  const navigate = useNavigate()
  const form = useForm({
    initialValues: { email: '', username: '', full_name: '', password: '', tenant: '' },
    validate: { email: emailRule, username: required, password: mixedRule },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    const { tenant, full_name, ...rest } = values
    await api('POST', '/api/auth/register', {
      body: { ...rest, ...(full_name ? { full_name } : {}), ...(tenant ? { tenant } : {}) },
    })
    await enter(
      await api<Me>('POST', '/api/session', { body: { identifier: rest.username, password: rest.password } }),
    )
    await navigate({ to: '/' })
  }, form)
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="md">
        <FormError error={error} />
        <TextInput
          label={t('identity.email')}
          type="email"
          autoComplete="email"
          {...form.getInputProps('email')}
        />
        <TextInput
          label={t('identity.username')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps('username')}
        />
        <TextInput
          label={t('core.optional', { label: t('identity.full_name') })}
          autoComplete="name"
          {...form.getInputProps('full_name')}
        />
        <NewPassword description={t('identity.password_mixed')} {...form.getInputProps('password')} />
        <TextInput
          label={t('core.optional', { label: t('identity.organisation_code') })}
          description={t('identity.organisation_code_hint')}
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps('tenant')}
        />
        <Button type="submit" size="md" loading={busy}>
          {t('identity.register')}
        </Button>
      </Stack>
    </form>
  )
}
