import { Button, Group, NativeSelect, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useCan, useRefreshSession } from '../../session.ts'
import { Conflict, type Difference, differencesOf } from '../../shared/conflict.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { permissionLabel } from '../../shared/permission-label.ts'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { Role, RoleMatrix } from '../../wire.ts'
import { familyLabel } from '../family.ts'
import { useRoles } from '../queries.ts'
import { EditRole } from '../roles/edit-role.tsx'
import { Matrix } from '../roles/matrix.tsx'
import { type Draft, drafted, inputOf } from '../roles-draft.ts'
import classes from './roles.module.css'

export default function Roles() {
  const maySee = useCan('roles.read')
  const mayChange = useCan('roles.write')
  const roles = useRoles(maySee)
  const [{ open }, setFilters] = useFilters(['open'])
  if (!maySee)
    return (
      <Page title={t('core.nav_roles')}>
        <Forbidden permission="roles.read" />
      </Page>
    )
  return (
    <Page
      title={t('core.nav_roles')}
      lead={t('admin.roles_lead')}
      actions={
        mayChange && (
          <Button
            leftSection={<IconPlus size={17} aria-hidden />}
            onClick={() => setFilters({ open: 'new' })}
          >
            {t('admin.role_add')}
          </Button>
        )
      }
    >
      <Loaded query={roles} lines={12}>
        {(matrix) => (
          <>
            <Editor
              matrix={matrix}
              mayChange={mayChange}
              onOpen={(role) => setFilters({ open: String(role.id) })}
            />
            <EditRole
              role={open === 'new' ? 'new' : (matrix.roles.find((role) => String(role.id) === open) ?? null)}
              onClose={() => setFilters({ open: undefined })}
            />
          </>
        )}
      </Loaded>
    </Page>
  )
}

type Clash = { mine: Role; stored: Role; differences: Difference[] }

function Editor({
  matrix,
  mayChange,
  onOpen,
}: {
  matrix: RoleMatrix
  mayChange: boolean
  onOpen: (role: Role) => void
}) {
  const client = useQueryClient()
  const refreshSession = useRefreshSession()
  const narrow = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false })
  const [draft, setDraft] = useState<Draft>({})
  const [clash, setClash] = useState<Clash | null>(null)
  const [filters, setFilters] = useFilters(['family', 'role'])
  const families = [...new Set(matrix.roles.map((role) => role.family))]
  const family = families.find((one) => one === filters.family) ?? ''
  const ofFamily = matrix.roles.filter((role) => !family || role.family === family)
  const chosen = ofFamily.find((role) => role.code === filters.role) ?? ofFamily[0]
  const shown = narrow ? ofFamily.filter((role) => role === chosen) : ofFamily
  const count = Object.keys(draft).length

  const put = (role: Role, version: number) =>
    api<Role>('PUT', `/api/admin/roles/${role.id}`, { body: inputOf(role), ifMatch: `"${version}"` })
  const forget = (id: number) => setDraft(({ [id]: _done, ...rest }) => rest)
  const read = () => Promise.all([client.invalidateQueries({ queryKey: ['roles'] }), refreshSession()])

  const save = useMutation({
    mutationFn: async () => {
      // One after the other: a refusal names its role, and what was saved before it stays saved.
      for (const { base } of Object.values(draft)) {
        const mine = drafted(base, draft)
        try {
          await put(mine, base.version)
        } catch (error) {
          if (!(error instanceof ApiError) || error.status !== 412) throw error
          const fresh = await api<RoleMatrix>('GET', '/api/admin/roles')
          client.setQueryData(['roles'], fresh)
          const stored = fresh.roles.find((one) => one.id === base.id)
          if (stored) setClash({ mine, stored, differences: compare(mine, stored) })
          return false
        }
        forget(base.id)
      }
      return true
    },
    onSuccess: (all) => {
      if (all) done(t('admin.roles_saved'))
    },
    onError: failed,
    onSettled: read,
  })

  const keep = useMutation({
    mutationFn: ({ mine, stored }: Clash) => put(mine, stored.version),
    onSuccess: (_saved, { mine }) => {
      forget(mine.id)
      setClash(null)
      done(t('admin.roles_saved'))
      return read()
    },
    onError: failed,
  })

  return (
    <>
      <FilterBar>
        <NativeSelect
          label={t('admin.family')}
          value={family}
          data={[
            { value: '', label: t('core.filter_all') },
            ...families.map((one) => ({ value: one, label: familyLabel(one) })),
          ]}
          onChange={(event) =>
            setFilters({ family: event.currentTarget.value || undefined, role: undefined })
          }
        />
        {narrow && chosen && (
          <NativeSelect
            label={t('admin.role')}
            value={chosen.code}
            data={ofFamily.map((role) => ({ value: role.code, label: role.name }))}
            onChange={(event) => setFilters({ role: event.currentTarget.value })}
          />
        )}
      </FilterBar>
      <Matrix
        roles={shown}
        permissions={matrix.permissions}
        draft={draft}
        onDraft={setDraft}
        mayChange={mayChange}
        onOpen={onOpen}
      />
      {mayChange && count > 0 && (
        <section className={classes.bar} aria-label={t('admin.unsaved')}>
          <Text role="status">{t('admin.unsaved_count', { count })}</Text>
          <Group gap="xs">
            <Button variant="default" onClick={() => setDraft({})}>
              {t('admin.discard')}
            </Button>
            <Button onClick={() => save.mutate()} loading={save.isPending}>
              {t('core.save')}
            </Button>
          </Group>
        </section>
      )}
      <Conflict
        differences={clash?.differences ?? null}
        busy={keep.isPending}
        onTake={() => {
          if (clash) forget(clash.mine.id)
          setClash(null)
        }}
        onKeep={() => clash && keep.mutate(clash)}
      />
    </>
  )
}

/** Permission by permission: what the draft says against what is stored now. */
function compare(mine: Role, stored: Role): Difference[] {
  const say = (has: boolean) => (has ? t('core.yes') : t('core.no'))
  const differ = [...new Set([...mine.permissions, ...stored.permissions])]
    .sort()
    .filter((permission) => mine.permissions.includes(permission) !== stored.permissions.includes(permission))
  const rules = differencesOf(mine, stored, {
    name: { label: t('admin.name'), say: String },
    description: { label: t('admin.description'), say: String },
    row_access: { label: t('admin.sees_rows'), say: String },
    requires_second_factor: { label: t('admin.needs_second_factor'), say },
  })
  return [
    ...differ.map((permission) => ({
      label: t('admin.role_permission', { role: mine.name, permission: permissionLabel(permission) }),
      yours: say(mine.permissions.includes(permission)),
      theirs: say(stored.permissions.includes(permission)),
    })),
    ...rules,
  ]
}
