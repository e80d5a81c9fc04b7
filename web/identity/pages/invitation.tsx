import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { enter, sessionQuery } from '../../session.ts'
import { FormError, required, useSubmit } from '../../shared/form.tsx'
import { NewPassword, passwordRule } from '../../shared/password-field.tsx'
import { Failed, Loading } from '../../shared/states.tsx'
import { Outside } from '../../shell/outside.tsx'
import type { Invited, Me } from '../../wire.ts'

export default function InvitationPage() {
  const { token = '' } = useParams({ strict: false }) as { token?: string }
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => api<Invited>('GET', `/api/invitations/${encodeURIComponent(token)}`),
    retry: false,
  })
  const below = (
    <Text size="sm">
      <Anchor component={Link} to="/sign-in">
        {t('identity.back_to_sign_in')}
      </Anchor>
    </Text>
  )
  if (invitation.isError)
    return (
      <Outside title={t('identity.invitation')} below={below}>
        <Failed error={invitation.error} />
      </Outside>
    )
  if (!invitation.data)
    return (
      <Outside title={t('identity.invitation')}>
        <Loading />
      </Outside>
    )
  return (
    <Outside
      title={t('identity.invitation_to', { organisation: invitation.data.organisation })}
      lead={invitation.data.has_account ? t('identity.invitation_known') : t('identity.invitation_new')}
      below={below}
    >
      <Accept token={token} invited={invitation.data} />
    </Outside>
  )
}

function Accept({ token, invited }: { token: string; invited: Invited }) {
  const { data: me } = useQuery(sessionQuery)
  if (!invited.has_account) return <NewAccount token={token} invited={invited} />
  if (me === undefined) return <Loading lines={2} />
  if (me?.email.toLowerCase() === invited.email.toLowerCase()) return <KnownAccount token={token} />
  return (
    <Stack gap="md">
      <Text>{t('identity.invitation_sign_in', { email: invited.email })}</Text>
      <Button component={Link} to="/sign-in" search={{ to: `/invite/${token}` } as never} size="md">
        {t('identity.sign_in')}
      </Button>
    </Stack>
  )
}

const accept = async (token: string, body: object | undefined) =>
  enter(await api<Me>('POST', `/api/invitations/${encodeURIComponent(token)}/accept`, body ? { body } : {}))

/** Signed in as the invited person already: one click. */
function KnownAccount({ token }: { token: string }) {
  const navigate = useNavigate()
  const { busy, error, submit } = useSubmit(async () => {
    await accept(token, undefined)
    await navigate({ to: '/' })
  })
  return (
    <Stack gap="md">
      <FormError error={error} />
      <Button size="md" loading={busy} onClick={() => submit(undefined)}>
        {t('identity.invitation_join')}
      </Button>
    </Stack>
  )
}

function NewAccount({ token, invited }: { token: string; invited: Invited }) {
  const navigate = useNavigate()
  const form = useForm({
    initialValues: {
      username: invited.email.split('@')[0] ?? '',
      full_name: invited.full_name,
      password: '',
    },
    validate: { username: required, full_name: required, password: passwordRule },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    await accept(token, values)
    await navigate({ to: '/' })
  }, form)
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="md">
        <FormError error={error} />
        <TextInput label={t('identity.email')} value={invited.email} readOnly autoComplete="email" />
        <TextInput label={t('identity.full_name')} autoComplete="name" {...form.getInputProps('full_name')} />
        <TextInput
          label={t('identity.username')}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          {...form.getInputProps('username')}
        />
        <NewPassword {...form.getInputProps('password')} />
        <Button type="submit" size="md" loading={busy}>
          {t('identity.invitation_accept')}
        </Button>
      </Stack>
    </form>
  )
}
