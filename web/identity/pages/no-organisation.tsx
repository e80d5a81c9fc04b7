import { Anchor, Button, Divider, Stack, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { enter, useMe } from '../../session.ts'
import { FormError, required, useSubmit } from '../../shared/form.tsx'
import {
  OrganisationFields,
  organisationDefaults,
  organisationRules,
} from '../../shared/organisation-fields.tsx'
import { useSignOut } from '../../shared/use-sign-out.ts'
import { Outside } from '../../shell/outside.tsx'
import type { Me, SignInOptions } from '../../wire.ts'

/** Registered, but in no organisation yet: ask to be let in, or (where that is allowed) make one. */
export default function NoOrganisation() {
  const me = useMe()
  const signOut = useSignOut()
  const options = useQuery({
    queryKey: ['sign-in-options'],
    queryFn: () => api<SignInOptions>('GET', '/api/session/options'),
  })
  return (
    <Outside
      title={t('identity.welcome', { name: me.full_name || me.username })}
      lead={t('identity.no_organisation_why')}
      below={
        <Text size="sm">
          <Anchor component="button" type="button" onClick={signOut}>
            {t('core.sign_out')}
          </Anchor>
        </Text>
      }
    >
      <Stack gap="xl">
        <Join />
        {options.data?.signup === 'organisation' && (
          <>
            <Divider label={t('identity.or')} />
            <Create />
          </>
        )}
      </Stack>
    </Outside>
  )
}

function Join() {
  const [asked, setAsked] = useState(false)
  const form = useForm({ initialValues: { code: '' }, validate: { code: required } })
  const { busy, error, submit } = useSubmit(async ({ code }: { code: string }) => {
    await api('POST', '/api/organisations/join', { body: { code: code.trim() } })
    setAsked(true)
  }, form)
  if (asked) return <Text role="status">{t('identity.join_asked')}</Text>
  return (
    <section aria-labelledby="join">
      <Title order={2} size="h4" id="join" mb="sm">
        {t('identity.join')}
      </Title>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap="md">
          <FormError error={error} />
          <TextInput
            label={t('identity.organisation_code')}
            description={t('identity.organisation_code_hint')}
            autoCapitalize="none"
            spellCheck={false}
            {...form.getInputProps('code')}
          />
          <Button type="submit" loading={busy}>
            {t('identity.join_ask')}
          </Button>
        </Stack>
      </form>
    </section>
  )
}

function Create() {
  const navigate = useNavigate()
  const form = useForm({ initialValues: organisationDefaults(), validate: organisationRules })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await enter(await api<Me>('POST', '/api/organisations', { body: values }))
    await navigate({ to: '/' })
  }, form)
  return (
    <section aria-labelledby="create">
      <Title order={2} size="h4" id="create" mb="sm">
        {t('identity.create')}
      </Title>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap="md">
          <FormError error={error} />
          <OrganisationFields form={form} />
          <Button type="submit" loading={busy}>
            {t('identity.create')}
          </Button>
        </Stack>
      </form>
    </section>
  )
}
