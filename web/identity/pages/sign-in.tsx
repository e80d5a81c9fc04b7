import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError, api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { safePath } from '../../paths.ts'
import { enter } from '../../session.ts'
import { FormError, required, useSubmit } from '../../shared/form.tsx'
import { visibilityToggle } from '../../shared/password-field.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import { Outside } from '../../shell/outside.tsx'
import type { Me, SignInOptions } from '../../wire.ts'
import { CodeInput } from '../code-input.tsx'
import classes from './sign-in.module.css'

type Credentials = { identifier: string; password: string }

export default function SignIn() {
  const navigate = useNavigate()
  const [{ to, ended }] = useFilters(['to', 'ended'])
  const [waiting, setWaiting] = useState<Credentials | null>(null)
  const options = useQuery({
    queryKey: ['sign-in-options'],
    queryFn: () => api<SignInOptions>('GET', '/api/session/options'),
    staleTime: 60_000,
  })

  const signIn = async (credentials: Credentials, code?: string) => {
    try {
      const me = await api<Me>('POST', '/api/session', {
        body: { ...credentials, ...(code ? { code } : {}) },
      })
      await enter(me)
      await navigate({ href: me.pending ? '/' : safePath(to) })
    } catch (error) {
      if (error instanceof ApiError && error.code === 'second_factor_required') return setWaiting(credentials)
      throw error
    }
  }

  if (waiting) return <SecondStep onCode={(code) => signIn(waiting, code)} onBack={() => setWaiting(null)} />

  return (
    <Outside
      title={t('identity.sign_in')}
      lead={ended ? t('identity.session_ended') : undefined}
      below={options.data && <Below options={options.data} />}
    >
      <SignInForm signIn={signIn} demo={options.data?.demo ?? null} />
    </Outside>
  )
}

function SignInForm({
  signIn,
  demo,
}: {
  signIn: (credentials: Credentials) => Promise<void>
  demo: SignInOptions['demo']
}) {
  const form = useForm<Credentials>({
    initialValues: { identifier: '', password: '' },
    validate: { identifier: required, password: (value) => (value ? null : t('core.required_field')) },
  })
  const { busy, error, submit } = useSubmit(signIn, form)
  return (
    <Stack gap="lg">
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap="md">
          <FormError error={error} />
          <TextInput
            label={t('identity.identifier')}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            size="md"
            {...form.getInputProps('identifier')}
          />
          <div>
            <PasswordInput
              label={t('identity.password')}
              autoComplete="current-password"
              size="md"
              visibilityToggleButtonProps={visibilityToggle()}
              {...form.getInputProps('password')}
            />
            <Text size="sm" mt={8}>
              <Anchor component={Link} to="/forgot-password">
                {t('identity.forgot')}
              </Anchor>
            </Text>
          </div>
          <Button type="submit" size="md" loading={busy} fullWidth>
            {t('identity.sign_in')}
          </Button>
        </Stack>
      </form>
      {demo && demo.length > 0 && (
        <section aria-labelledby="demo-title">
          <Text id="demo-title" size="sm" fw={600}>
            {t('identity.demo_title')}
          </Text>
          <Text size="sm" c="dimmed" mb="xs">
            {t('identity.demo_why')}
          </Text>
          <ul className={classes.demo}>
            {demo.map((one) => (
              <li key={one.identifier}>
                <button
                  type="button"
                  className={classes.person}
                  disabled={busy}
                  onClick={() => {
                    form.setValues({ identifier: one.identifier, password: one.password })
                    void submit({ identifier: one.identifier, password: one.password })
                  }}
                >
                  <DemoLabel label={one.label} />
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Stack>
  )
}

/** "Asha Rao, Tenant Admin": the role is what one chooses by. */
function DemoLabel({ label }: { label: string }) {
  const comma = label.indexOf(', ')
  if (comma < 0) return <span className={classes.role}>{label}</span>
  return (
    <>
      <span className={classes.role}>{label.slice(comma + 2)}</span>{' '}
      <span className={classes.name}>{label.slice(0, comma)}</span>
    </>
  )
}

function SecondStep({ onCode, onBack }: { onCode: (code: string) => Promise<void>; onBack: () => void }) {
  const [code, setCode] = useState('')
  const { busy, error, submit } = useSubmit(onCode)
  return (
    <Outside title={t('identity.second_factor')} lead={t('identity.second_factor_why')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit(code.trim())
        }}
        noValidate
      >
        <Stack gap="md">
          <FormError error={error} />
          <CodeInput value={code} onChange={setCode} description={t('identity.recovery_hint')} autoFocus />
          <Button type="submit" size="md" loading={busy} disabled={code.trim().length < 6}>
            {t('identity.confirm')}
          </Button>
          <Button variant="subtle" onClick={onBack}>
            {t('identity.back')}
          </Button>
        </Stack>
      </form>
    </Outside>
  )
}

function Below({ options }: { options: SignInOptions }) {
  if (options.signup === 'off')
    return (
      <Text size="sm" c="dimmed">
        {t('identity.invited_only')}
      </Text>
    )
  return (
    <Text size="sm">
      {t('identity.no_account')}{' '}
      <Anchor component={Link} to="/register">
        {t('identity.register')}
      </Anchor>
    </Text>
  )
}
