import {
  Alert,
  Badge,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  NumberInput,
  PasswordInput,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ifMatchOf } from '../api.ts'
import { amountOf, minorOf } from '../cash/money.ts'
import { t } from '../i18n.ts'
import { useFormat, useMe } from '../session.ts'
import { CopyField } from '../shared/copy-field.tsx'
import { fieldErrors } from '../shared/error-text.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { visibilityToggle } from '../shared/password-field.tsx'
import { done } from '../shared/toast.tsx'
import type { Channel, ChannelTested } from '../wire.ts'
import { type Field, fieldsOf, type Provider, providersOf } from './channel-fields.ts'
import classes from './communications.module.css'
import { providerWord } from './words.ts'

const root = '/api/communications/channels'
type Values = Record<string, string | number | boolean>

/** One channel of one place: its provider, what that asks for, its keys (written, never read), and whether it works. */
export function ChannelForm({
  kind,
  outletId,
  channel,
  mayChange,
}: {
  kind: 'email' | 'sms'
  outletId: number | null
  channel: Channel | null
  mayChange: boolean
}) {
  const client = useQueryClient()
  const choices = providersOf(kind, outletId !== null)
  const [provider, setProvider] = useState<Provider>(channel?.provider ?? choices[0]!)
  const [settings, setSettings] = useState<Values>((channel?.settings ?? {}) as Values)
  const [secrets, setSecrets] = useState<Record<string, string>>({})
  const fields = fieldsOf(provider, kind)
  const refresh = () => client.invalidateQueries({ queryKey: ['channels'] })
  const { busy, error, submit } = useSubmit(async () => {
    const names = fields.settings.map(({ name }) => name)
    await api('PUT', root, {
      ...(channel ? { ifMatch: ifMatchOf(null, channel.version) } : {}),
      body: {
        kind,
        ...(outletId === null ? {} : { outlet_id: outletId }),
        provider,
        settings: Object.fromEntries(
          Object.entries(settings).filter(([name, value]) => names.includes(name) && value !== ''),
        ),
        secrets: Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== '')),
      },
    })
    done(t('core.saved'))
    setSecrets({})
    await refresh()
  })
  const errors = fieldErrors(error)
  const errorOf = (group: string, name: string) => errors[`${group}.${name}`] ?? errors[name]
  const known = (name: string) => channel?.provider === provider && channel.secret_names.includes(name)
  return (
    <Stack gap="md">
      {channel && <Standing channel={channel} />}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <fieldset disabled={!mayChange} className={classes.plain}>
          <Stack gap="md">
            {Object.keys(errors).length === 0 && <FormError error={error} />}
            <NativeSelect
              label={t('communications.provider')}
              maw={360}
              value={provider}
              data={choices.map((value) => ({ value, label: providerWord(value) }))}
              onChange={(event) => setProvider(event.currentTarget.value as Provider)}
            />
            {fields.settings.length + fields.secrets.length > 0 && (
              <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
                {fields.secrets.map((field) => (
                  <PasswordInput
                    key={field.name}
                    label={t(field.label)}
                    description={known(field.name) ? t('communications.secret_set') : undefined}
                    placeholder={known(field.name) ? '••••••••' : undefined}
                    autoComplete="new-password"
                    required={field.needed === true && !known(field.name)}
                    visibilityToggleButtonProps={visibilityToggle()}
                    value={secrets[field.name] ?? ''}
                    error={errorOf('secrets', field.name)}
                    onChange={(event) => setSecrets({ ...secrets, [field.name]: event.currentTarget.value })}
                  />
                ))}
                {fields.settings.map((field) => (
                  <SettingField
                    key={field.name}
                    field={field}
                    value={settings[field.name]}
                    error={errorOf('settings', field.name)}
                    onChange={(value) => setSettings({ ...settings, [field.name]: value })}
                  />
                ))}
              </SimpleGrid>
            )}
            {mayChange && (
              <Group>
                <Button type="submit" loading={busy}>
                  {t('core.save')}
                </Button>
              </Group>
            )}
          </Stack>
        </fieldset>
      </form>
      {channel && mayChange && channel.provider !== 'shared' && <Try channel={channel} />}
      {channel && mayChange && (channel.provider === 'sendgrid' || channel.provider === 'smsportal') && (
        <Webhook channel={channel} />
      )}
    </Stack>
  )
}

function SettingField({
  field,
  value,
  error,
  onChange,
}: {
  field: Field
  value: string | number | boolean | undefined
  error: string | undefined
  onChange: (value: string | number | boolean) => void
}) {
  const { currency } = useFormat()
  const label =
    field.as === 'money'
      ? t('communications.in_currency', { label: t(field.label), currency })
      : t(field.label)
  const common = {
    label,
    description: field.hint ? t(field.hint) : undefined,
    error,
    required: field.needed === true,
  }
  switch (field.as) {
    case 'choice':
      return (
        <NativeSelect
          {...common}
          value={String(value ?? field.choices![0]![0])}
          data={field.choices!.map(([each, word]) => ({ value: each, label: t(word) }))}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
    case 'flag':
      return (
        <Checkbox
          label={label}
          description={common.description}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )
    case 'number':
    case 'money':
      return (
        <NumberInput
          {...common}
          min={0}
          {...(field.as === 'number' ? { allowDecimal: false } : { decimalScale: 2 })}
          value={typeof value !== 'number' ? '' : field.as === 'money' ? amountOf(value, currency) : value}
          onChange={(next) =>
            onChange(field.as === 'money' && typeof next === 'number' ? minorOf(next, currency) : next)
          }
        />
      )
    default:
      return (
        <TextInput
          {...common}
          type={field.as === 'email' ? 'email' : 'text'}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )
  }
}

/** Whether messages can leave by it, and what its provider said last. */
function Standing({ channel }: { channel: Channel }) {
  const format = useFormat()
  return (
    <>
      <Group gap="xs">
        <Badge color={channel.is_ready ? 'pine' : 'red'}>
          {channel.is_ready ? t('communications.ready') : t('communications.not_ready')}
        </Badge>
        {channel.tested_at && (
          <Text size="sm" c="dimmed">
            {t('communications.tested', { at: format.instant(channel.tested_at) })}
          </Text>
        )}
      </Group>
      {channel.missing.length > 0 && <Text size="sm">{channel.missing.join(' ')}</Text>}
      {channel.waiting > 0 && (
        <Text size="sm">
          {[
            t('communications.waiting', { count: channel.waiting }),
            channel.paused_until && t('communications.paused', { at: format.instant(channel.paused_until) }),
          ]
            .filter(Boolean)
            .join(' ')}
        </Text>
      )}
      {channel.last_error && (
        <Alert color="red" variant="light" title={t('communications.last_error')}>
          {channel.last_error}
          {channel.last_error_at && ` (${format.instant(channel.last_error_at)})`}
        </Alert>
      )}
    </>
  )
}

/** The address that the provider reports to. It holds a secret, so it is shown once, when it is made. */
function Webhook({ channel }: { channel: Channel }) {
  const client = useQueryClient()
  const [url, setUrl] = useState<string | null>(null)
  const { busy, error, submit } = useSubmit(async () => {
    setUrl((await api<{ url: string }>('POST', `${root}/${channel.id}/webhook`)).url)
    await client.invalidateQueries({ queryKey: ['channels'] })
  })
  return (
    <Stack gap="xs">
      <FormError error={error} />
      {url && (
        <CopyField
          label={t('communications.webhook')}
          description={t('communications.webhook_once', { provider: providerWord(channel.provider) })}
          value={url}
        />
      )}
      <Group gap="sm">
        <Button variant="default" loading={busy} onClick={() => void submit({})}>
          {channel.has_webhook ? t('communications.webhook_new') : t('communications.webhook_make')}
        </Button>
        <Text size="sm" c="dimmed">
          {channel.has_webhook ? t('communications.webhook_there') : t('communications.webhook_none')}
        </Text>
      </Group>
    </Stack>
  )
}

/** Asks the provider whether the keys are good; or sends a message to an address of one's own. */
function Try({ channel }: { channel: Channel }) {
  const me = useMe()
  const client = useQueryClient()
  const [to, setTo] = useState(channel.kind === 'email' ? me.email : '')
  const [said, setSaid] = useState<ChannelTested | null>(null)
  const { busy, error, submit } = useSubmit(async (recipient: string | undefined) => {
    setSaid(null)
    setSaid(
      await api<ChannelTested>('POST', `${root}/${channel.id}/test`, {
        body: recipient ? { to: recipient } : {},
      }),
    )
    await client.invalidateQueries({ queryKey: ['channels'] })
  })
  return (
    <Stack gap="xs">
      <FormError error={error} />
      <Group align="flex-end" gap="sm">
        <TextInput
          label={t('communications.test_to')}
          type={channel.kind === 'email' ? 'email' : 'tel'}
          value={to}
          maxLength={254}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <Button variant="default" loading={busy} disabled={!to.trim()} onClick={() => void submit(to.trim())}>
          {t('communications.send_test')}
        </Button>
        <Button variant="default" loading={busy} onClick={() => void submit(undefined)}>
          {t('communications.check_keys')}
        </Button>
      </Group>
      {said && (
        <Alert color={said.ok ? 'pine' : 'red'} variant="light" role="status">
          {said.detail}
        </Alert>
      )}
    </Stack>
  )
}
