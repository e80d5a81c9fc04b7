import { Button, Group, NativeSelect, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useCan, useRefreshSession } from '../../session.ts'
import { Conflict, type Difference } from '../../shared/conflict.tsx'
import { FilterBar } from '../../shared/filter-bar.tsx'
import { Page } from '../../shared/page.tsx'
import { Forbidden, Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { Role, RoleMatrix } from '../../wire.ts'
import { familyLabel } from '../family.ts'
import { useRoles } from '../queries.ts'
import { EditRole } from '../roles/edit-role.tsx'
import { Matrix } from '../roles/matrix.tsx'
import { type Draft, inputOf, type RoleChange } from '../roles-draft.ts'
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

type Clash = { role: Role; stored: Role; change: RoleChange; differences: Difference[] }

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

  const put = (role: Role, version: number, change: RoleChange) =>
    api<Role>('PUT', `/api/admin/roles/${role.id}`, { body: inputOf(role, change), ifMatch: `"${version}"` })

  const save = useMutation({
    mutationFn: async () => {
      // One after the other: a refusal names its role, and what was saved before it stays saved.
      for (const [id, change] of Object.entries(draft)) {
        const role = matrix.roles.find((one) => one.id === Number(id))
        if (!role) continue
        try {
          await put(role, role.version, change)
        } catch (error) {
          if (!(error instanceof ApiError) || error.status !== 412) throw error
          const fresh = await client.fetchQuery({
            queryKey: ['roles'],
            staleTime: 0,
            queryFn: () => api<RoleMatrix>('GET', '/api/admin/roles'),
          })
          const stored = fresh.roles.find((one) => one.id === role.id)
          if (stored) setClash({ role, stored, change, differences: compare(role, stored, change) })
          return false
        }
        setDraft(({ [role.id]: _saved, ...rest }) => rest)
      }
      return true
    },
    onSuccess: (all) => {
      if (all) done(t('admin.roles_saved'))
    },
    onError: failed,
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ['roles'] }), refreshSession()]),
  })

  const keep = useMutation({
    mutationFn: ({ stored, change }: Clash) => put(stored, stored.version, change),
    onSuccess: (_saved, { role }) => {
      setDraft(({ [role.id]: _done, ...rest }) => rest)
      setClash(null)
      done(t('admin.roles_saved'))
      return client.invalidateQueries({ queryKey: ['roles'] })
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
          if (clash) setDraft(({ [clash.role.id]: _mine, ...rest }) => rest)
          setClash(null)
        }}
        onKeep={() => clash && keep.mutate(clash)}
      />
    </>
  )
}

/** Permission by permission: what the draft says against what is stored now. */
function compare(role: Role, stored: Role, change: RoleChange): Difference[] {
  const mine = change.permissions ?? role.permissions
  const all = [...new Set([...mine, ...stored.permissions])].sort()
  const say = (has: boolean) => (has ? t('core.yes') : t('core.no'))
  const differing = all.filter(
    (permission) => mine.includes(permission) !== stored.permissions.includes(permission),
  )
  return [
    ...differing.map((permission) => ({
      label: t('admin.role_permission', { role: role.name, permission }),
      yours: say(mine.includes(permission)),
      theirs: say(stored.permissions.includes(permission)),
    })),
    ...((change.requires_second_factor ?? role.requires_second_factor) !== stored.requires_second_factor
      ? [
          {
            label: t('admin.needs_second_factor'),
            yours: say(change.requires_second_factor ?? role.requires_second_factor),
            theirs: say(stored.requires_second_factor),
          },
        ]
      : []),
  ]
}
