import {
  Button,
  Checkbox,
  Drawer,
  Group,
  NativeSelect,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useCan, useMe } from '../../session.ts'
import { Confirm } from '../../shared/confirm.tsx'
import { FormError, required, useSubmit } from '../../shared/form.tsx'
import { permissionLabel } from '../../shared/permission-label.ts'
import { done, failed } from '../../shared/toast.tsx'
import type { Role, RoleInput } from '../../wire.ts'
import { lackingFor } from '../grant.ts'
import { useRoles } from '../queries.ts'
import { rowAccessChoice } from './matrix.tsx'

/** Name, purpose and rules of one role; for a new one its permissions too. */
export function EditRole({ role, onClose }: { role: Role | 'new' | null; onClose: () => void }) {
  const title = role === 'new' ? t('admin.role_add') : (role?.name ?? '')
  return (
    <Drawer opened={role !== null} onClose={onClose} title={title}>
      {role && (
        <Form key={role === 'new' ? 'new' : role.id} role={role === 'new' ? null : role} onClose={onClose} />
      )}
    </Drawer>
  )
}

function Form({ role: opened, onClose }: { role: Role | null; onClose: () => void }) {
  // As it was when it was opened: what others save meanwhile is met by the version, not by a form that changes.
  const [role] = useState(opened)
  const me = useMe()
  const client = useQueryClient()
  const roles = useRoles()
  const mayChange = useCan('roles.write') && (role === null || lackingFor(me, role.permissions).length === 0)
  const [removing, setRemoving] = useState(false)
  const form = useForm({
    initialValues: {
      name: role?.name ?? '',
      description: role?.description ?? '',
      permissions: role?.permissions ?? [],
      row_access: role?.row_access ?? 'all',
      requires_second_factor: role?.requires_second_factor ?? false,
    },
    validate: { name: required },
  })
  const read = () => client.invalidateQueries({ queryKey: ['roles'] })
  const { busy, error, submit } = useSubmit(async (values: typeof form.values) => {
    const body = values as RoleInput
    if (role) await api('PUT', `/api/admin/roles/${role.id}`, { body, ifMatch: `"${role.version}"` })
    else await api('POST', '/api/admin/roles', { body })
    done(t('core.saved'))
    await read()
    onClose()
  }, form)
  const remove = useMutation({
    mutationFn: () => api('DELETE', `/api/admin/roles/${role!.id}`),
    onSuccess: () => {
      done(t('admin.role_removed'))
      onClose()
      return read()
    },
    onError: failed,
  })
  return (
    <>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <fieldset disabled={!mayChange} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
          <Stack gap="md">
            {!mayChange && <Text c="dimmed">{t('admin.role_stronger')}</Text>}
            <FormError error={error} />
            <TextInput label={t('admin.name')} {...form.getInputProps('name')} />
            <Textarea
              label={t('admin.description')}
              autosize
              minRows={2}
              {...form.getInputProps('description')}
            />
            <NativeSelect
              label={t('admin.sees_rows')}
              data={rowAccessChoice()}
              {...form.getInputProps('row_access')}
            />
            <Switch
              label={t('admin.needs_second_factor')}
              {...form.getInputProps('requires_second_factor', { type: 'checkbox' })}
            />
            {role === null && (
              <Checkbox.Group label={t('admin.permissions')} {...form.getInputProps('permissions')}>
                <Stack gap={8} mt="xs">
                  {(roles.data?.permissions ?? []).map((permission) => (
                    <Checkbox
                      key={permission.code}
                      value={permission.code}
                      label={permissionLabel(permission.code)}
                      disabled={!me.permissions.includes(permission.code)}
                    />
                  ))}
                </Stack>
              </Checkbox.Group>
            )}
            <Group>
              <Button type="submit" loading={busy}>
                {t('core.save')}
              </Button>
              {role && !role.is_preset && (
                <Button variant="outline" color="red" onClick={() => setRemoving(true)}>
                  {t('admin.role_remove')}
                </Button>
              )}
            </Group>
          </Stack>
        </fieldset>
      </form>
      <Confirm
        opened={removing}
        title={t('admin.role_remove')}
        why={t('admin.role_remove_why')}
        action={t('admin.role_remove')}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setRemoving(false)}
      />
    </>
  )
}
