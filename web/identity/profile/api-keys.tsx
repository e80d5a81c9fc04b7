import { Badge, Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useFormat, useMe } from '../../session.ts'
import { Confirm } from '../../shared/confirm.tsx'
import { CopyField } from '../../shared/copy-field.tsx'
import { FormError, required, useSubmit } from '../../shared/form.tsx'
import { permissionLabel } from '../../shared/permission-label.ts'
import { Section } from '../../shared/section.tsx'
import { Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { ApiKey } from '../../wire.ts'
import classes from './rows.module.css'

export function ApiKeys() {
  const client = useQueryClient()
  const format = useFormat()
  const [creating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<ApiKey | null>(null)
  const keys = useQuery({
    queryKey: ['api-keys'],
    queryFn: () => api<{ items: ApiKey[] }>('GET', '/api/profile/api-keys'),
  })
  const revoke = useMutation({
    mutationFn: (id: number) => api('DELETE', `/api/profile/api-keys/${id}`),
    onSuccess: () => {
      setRevoking(null)
      done(t('identity.key_revoked'))
      return client.invalidateQueries({ queryKey: ['api-keys'] })
    },
    onError: failed,
  })
  return (
    <Section
      title={t('identity.api_keys')}
      why={t('identity.api_keys_why')}
      actions={
        <Button variant="default" onClick={() => setCreating(true)}>
          {t('identity.key_create')}
        </Button>
      }
    >
      <Loaded query={keys} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t('identity.no_keys')}</Text>
          ) : (
            <ul className={classes.rows}>
              {items.map((key) => (
                <li key={key.id} className={classes.row}>
                  <div>
                    <Text size="sm" fw={600}>
                      {key.name}
                    </Text>
                    <Text size="sm" c="dimmed">
                      {t('identity.key_line', {
                        prefix: key.prefix,
                        used: key.last_used_at ? format.ago(key.last_used_at) : t('identity.never'),
                      })}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {key.scopes.map(permissionLabel).join(', ')}
                    </Text>
                  </div>
                  {key.revoked_at ? (
                    <Badge color="gray">{t('identity.revoked')}</Badge>
                  ) : (
                    <Button
                      variant="default"
                      size="xs"
                      aria-label={t('identity.revoke_named', { name: key.name })}
                      onClick={() => setRevoking(key)}
                    >
                      {t('identity.revoke')}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <Modal opened={creating} onClose={() => setCreating(false)} title={t('identity.key_create')} size="lg">
        <CreateKey onClose={() => setCreating(false)} />
      </Modal>
      <Confirm
        opened={revoking !== null}
        title={t('identity.revoke_named', { name: revoking?.name ?? '' })}
        why={t('identity.revoke_why')}
        action={t('identity.revoke')}
        busy={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate(revoking.id)}
        onClose={() => setRevoking(null)}
      />
    </Section>
  )
}

function CreateKey({ onClose }: { onClose: () => void }) {
  const me = useMe()
  const client = useQueryClient()
  const [made, setMade] = useState<string | null>(null)
  const form = useForm({
    initialValues: { name: '', scopes: [] as string[], expires_on: '' },
    validate: { name: required, scopes: (value) => (value.length > 0 ? null : t('identity.choose_scope')) },
  })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    const { name, scopes, expires_on } = values
    const answer = await api<{ key: string }>('POST', '/api/profile/api-keys', {
      body: { name, scopes, ...(expires_on ? { expires_at: `${expires_on}T23:59:59Z` } : {}) },
    })
    setMade(answer.key)
    await client.invalidateQueries({ queryKey: ['api-keys'] })
  }, form)
  if (made)
    return (
      <Stack gap="md">
        <Text role="status">{t('identity.key_once')}</Text>
        <CopyField label={t('identity.key')} value={made} />
        <Group>
          <Button onClick={onClose}>{t('identity.key_kept')}</Button>
        </Group>
      </Stack>
    )
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate>
      <Stack gap="md">
        <FormError error={error} />
        <TextInput
          label={t('identity.key_name')}
          description={t('identity.key_name_hint')}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('core.optional', { label: t('identity.expires_on') })}
          type="date"
          {...form.getInputProps('expires_on')}
        />
        <Checkbox.Group
          label={t('identity.scopes')}
          description={t('identity.scopes_why')}
          {...form.getInputProps('scopes')}
        >
          <Group gap="sm" mt="xs">
            {me.permissions.map((permission) => (
              <Checkbox key={permission} value={permission} label={permissionLabel(permission)} />
            ))}
          </Group>
        </Checkbox.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('core.cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t('identity.key_create')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
