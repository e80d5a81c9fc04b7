import { Badge, Button, Divider, Drawer, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Answer, ApiError, api, apiWithEtag, ifMatchOf } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useCan, useFormat, useMe } from '../../session.ts'
import { Confirm } from '../../shared/confirm.tsx'
import { Conflict, type Difference, differencesOf } from '../../shared/conflict.tsx'
import { CopyField } from '../../shared/copy-field.tsx'
import { Facts } from '../../shared/data-table.tsx'
import { emailRule, FormError, required, useSubmit } from '../../shared/form.tsx'
import { Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { AdminUser, AdminUserChanges, Page } from '../../wire.ts'
import { PlaceFields, type Places } from '../place-fields.tsx'
import { RoleChoice } from '../role-choice.tsx'

/** One person: what they may do and where they work. Opened by the address (?open=12). */
export function EditUser({ id, onClose }: { id: number | null; onClose: () => void }) {
  const user = useQuery({
    // A root of its own: events mark lists as old, but must not pull a form from under somebody's hands.
    queryKey: ['user-form', id],
    enabled: id !== null,
    queryFn: () => apiWithEtag<AdminUser>('GET', `/api/admin/users/${id}`),
    // The form holds the version it was opened with; a change by somebody else is met when saving.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  })
  const name = user.data ? user.data.data.full_name || user.data.data.username : t('admin.user')
  return (
    <Drawer opened={id !== null} onClose={onClose} title={name} size={520}>
      {id !== null && (
        <Loaded query={user}>
          {(answer) => <Form key={`${id}:${answer.data.version}`} answer={answer} onClose={onClose} />}
        </Loaded>
      )}
    </Drawer>
  )
}

type Values = {
  full_name: string
  username: string
  email: string
  phone_number: string
  role_codes: string[]
  places: Places
}

const valuesOf = (user: AdminUser): Values => ({
  full_name: user.full_name,
  username: user.username,
  email: user.email,
  phone_number: user.phone_number ?? '',
  role_codes: user.roles.map((role) => role.code),
  places: {
    region_id: user.region?.id ?? null,
    department_id: user.department?.id ?? null,
    outlets: user.outlets.map(({ outlet_id, can_write }) => ({ outlet_id, can_write })),
  },
})

function Form({ answer, onClose }: { answer: Answer<AdminUser>; onClose: () => void }) {
  const user = answer.data
  const mayChange = useCan('users.write')
  const client = useQueryClient()
  const [conflict, setConflict] = useState<{ differences: Difference[]; latest: Answer<AdminUser> } | null>(
    null,
  )
  const form = useForm<Values>({
    initialValues: valuesOf(user),
    validate: { email: emailRule, username: required },
  })
  const read = () => client.invalidateQueries({ queryKey: ['users'] })

  const save = async (values: Values, etag: string) => {
    const { places, ...rest } = values
    const body: AdminUserChanges = { ...onlyChanged(rest, valuesOf(user)), ...places }
    await api('PUT', `/api/admin/users/${user.id}`, { body, ifMatch: etag })
    done(t('core.saved'))
    await read()
    onClose()
  }
  const { busy, error, submit } = useSubmit(async (values: Values) => {
    try {
      await save(values, ifMatchOf(answer.etag, user.version))
    } catch (caught) {
      if (!(caught instanceof ApiError) || caught.status !== 412) throw caught
      const latest = await apiWithEtag<AdminUser>('GET', `/api/admin/users/${user.id}`)
      setConflict({ differences: compare(values, valuesOf(latest.data)), latest })
    }
  }, form)

  return (
    <>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <fieldset disabled={!mayChange} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
          <Stack gap="md">
            <About user={user} />
            <FormError error={error} />
            <TextInput label={t('admin.full_name')} {...form.getInputProps('full_name')} />
            <TextInput
              label={t('admin.username')}
              autoCapitalize="none"
              spellCheck={false}
              {...form.getInputProps('username')}
            />
            <TextInput label={t('admin.email')} type="email" {...form.getInputProps('email')} />
            <TextInput
              label={t('core.optional', { label: t('admin.phone') })}
              type="tel"
              {...form.getInputProps('phone_number')}
            />
            <RoleChoice
              value={form.values.role_codes}
              onChange={(codes) => form.setFieldValue('role_codes', codes)}
              error={form.errors.role_codes}
            />
            <PlaceFields
              value={form.values.places}
              onChange={(places) => form.setFieldValue('places', places)}
            />
            {mayChange && (
              <Group>
                <Button type="submit" loading={busy} disabled={!form.isDirty()}>
                  {t('core.save')}
                </Button>
              </Group>
            )}
          </Stack>
        </fieldset>
      </form>
      {mayChange && <Access user={user} onClose={onClose} />}
      <Conflict
        differences={conflict?.differences ?? null}
        onTake={() => {
          if (conflict) client.setQueryData(['user-form', user.id], conflict.latest)
          setConflict(null)
        }}
        onKeep={() => {
          if (!conflict) return
          setConflict(null)
          save(form.getValues(), ifMatchOf(conflict.latest.etag, conflict.latest.data.version)).catch(failed)
        }}
      />
    </>
  )
}

function About({ user }: { user: AdminUser }) {
  const format = useFormat()
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Badge color={user.is_active ? 'pine' : 'gray'}>
          {user.is_active ? t('admin.active') : t('admin.inactive')}
        </Badge>
        {user.second_factor_enabled && <Badge>{t('admin.second_factor')}</Badge>}
      </Group>
      <Facts
        facts={[
          [t('admin.last_login'), user.last_login ? format.instant(user.last_login) : t('admin.never')],
          [t('admin.created'), format.instant(user.created_at)],
        ]}
      />
    </Stack>
  )
}

/** Reset link, switching off and on, removing. */
function Access({ user, onClose }: { user: AdminUser; onClose: () => void }) {
  const me = useMe()
  const format = useFormat()
  const client = useQueryClient()
  const [removing, setRemoving] = useState(false)
  const read = () => client.invalidateQueries({ queryKey: ['users'] })
  const setActive = async (is_active: boolean) => {
    const { etag, data } = await apiWithEtag<AdminUser>('GET', `/api/admin/users/${user.id}`)
    await api('PUT', `/api/admin/users/${user.id}`, {
      body: { is_active },
      ifMatch: ifMatchOf(etag, data.version),
    })
    await read()
  }
  const name = user.full_name || user.username
  const toggle = useMutation({
    mutationFn: () => setActive(!user.is_active),
    onSuccess: () => {
      if (user.is_active) done(t('admin.deactivated', { name }), () => setActive(true))
      else done(t('admin.activated', { name }))
      onClose()
    },
    onError: failed,
  })
  const link = useMutation({
    mutationFn: () =>
      api<{ link: string; expires_at: string }>('POST', `/api/admin/users/${user.id}/reset-link`),
    onError: failed,
  })
  if (user.id === me.id) return null
  return (
    <>
      <Divider my="lg" />
      <Stack gap="md">
        <Group gap="xs">
          <Button variant="default" loading={link.isPending} onClick={() => link.mutate()}>
            {t('admin.reset_link')}
          </Button>
          <Button variant="default" loading={toggle.isPending} onClick={() => toggle.mutate()}>
            {user.is_active ? t('admin.deactivate') : t('admin.activate')}
          </Button>
          <Button variant="outline" color="red" onClick={() => setRemoving(true)}>
            {t('admin.remove')}
          </Button>
        </Group>
        {link.data && (
          <CopyField
            label={t('admin.reset_link')}
            description={t('admin.reset_link_until', { until: format.instant(link.data.expires_at) })}
            value={link.data.link}
          />
        )}
      </Stack>
      <Remove
        user={user}
        opened={removing}
        onClose={() => setRemoving(false)}
        onRemoved={() => {
          setRemoving(false)
          onClose()
          void read()
        }}
      />
    </>
  )
}

function Remove({
  user,
  opened,
  onClose,
  onRemoved,
}: {
  user: AdminUser
  opened: boolean
  onClose: () => void
  onRemoved: () => void
}) {
  const [heir, setHeir] = useState('')
  const others = useQuery({
    queryKey: ['users', 'heirs'],
    enabled: opened,
    queryFn: () =>
      api<Page<AdminUser>>('GET', '/api/admin/users', { query: { status: 'active', page_size: 500 } }),
  })
  const name = user.full_name || user.username
  const remove = useMutation({
    mutationFn: () =>
      api('DELETE', `/api/admin/users/${user.id}`, { query: { reassign_to: heir || undefined } }),
    onSuccess: () => {
      done(t('admin.removed', { name }))
      onRemoved()
    },
    onError: failed,
  })
  return (
    <Confirm
      opened={opened}
      title={t('admin.remove_named', { name })}
      action={t('admin.remove')}
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
      why={
        <Stack gap="md">
          <Text>{t('admin.remove_why')}</Text>
          <NativeSelect
            label={t('admin.reassign')}
            value={heir}
            data={[
              { value: '', label: t('admin.reassign_none') },
              ...(others.data?.items ?? [])
                .filter((other) => other.id !== user.id)
                .map((other) => ({ value: String(other.id), label: other.full_name || other.username })),
            ]}
            onChange={(event) => setHeir(event.currentTarget.value)}
          />
        </Stack>
      }
    />
  )
}

/** A plain save must not write what was not touched: the person may keep their own name and address elsewhere. */
function onlyChanged(values: Omit<Values, 'places'>, before: Values): AdminUserChanges {
  const changes: AdminUserChanges = {}
  if (values.full_name !== before.full_name) changes.full_name = values.full_name
  if (values.username !== before.username) changes.username = values.username
  if (values.email !== before.email) changes.email = values.email
  if (values.phone_number !== before.phone_number) changes.phone_number = values.phone_number || null
  if (values.role_codes.join() !== before.role_codes.join()) changes.role_codes = values.role_codes
  return changes
}

function compare(yours: Values, theirs: Values): Difference[] {
  const found = differencesOf(yours, theirs, {
    full_name: { label: t('admin.full_name'), say: String },
    username: { label: t('admin.username'), say: String },
    email: { label: t('admin.email'), say: String },
    phone_number: { label: t('admin.phone'), say: String },
    role_codes: { label: t('admin.roles'), say: (codes) => [...codes].sort().join(', ') },
  })
  const places = (value: Places) => JSON.stringify([value.region_id, value.department_id, value.outlets])
  if (places(yours.places) !== places(theirs.places))
    found.push({ label: t('admin.place'), yours: t('admin.changed_here'), theirs: t('admin.changed_there') })
  return found
}
