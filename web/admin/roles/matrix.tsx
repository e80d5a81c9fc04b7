import { Anchor, Checkbox, NativeSelect, Tooltip } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { Fragment } from 'react'
import { type MessageKey, t } from '../../i18n.ts'
import { useMe } from '../../session.ts'
import { permissionLabel } from '../../shared/permission-label.ts'
import type { Permission, Role } from '../../wire.ts'
import { lackingFor } from '../grant.ts'
import { changed, type Draft, drafted, toggled } from '../roles-draft.ts'
import classes from './matrix.module.css'

const areas: Record<string, MessageKey> = {
  administration: 'core.nav_admin',
  receivables: 'core.nav_receivables',
  debtors: 'admin.area_debtors',
  payables: 'admin.area_payables',
  sales: 'admin.area_sales',
}
export const rowAccesses = ['all', 'region', 'team', 'outlets', 'assigned'] as const
const rowAccessLabels: Record<(typeof rowAccesses)[number], MessageKey> = {
  all: 'admin.rows_all',
  region: 'admin.rows_region',
  team: 'admin.rows_team',
  outlets: 'admin.rows_outlets',
  assigned: 'admin.rows_assigned',
}
export const rowAccessChoice = () => rowAccesses.map((value) => ({ value, label: t(rowAccessLabels[value]) }))

type Props = {
  roles: Role[]
  permissions: Permission[]
  draft: Draft
  onDraft: (draft: Draft) => void
  mayChange: boolean
  onOpen: (role: Role) => void
}

/** Permissions down, roles across. A box with a lock is a permission that the reader lacks and so cannot give. */
export function Matrix({ roles, permissions, draft, onDraft, mayChange, onOpen }: Props) {
  const me = useMe()
  const groups = [...new Set(permissions.map((permission) => permission.area))]
  // Somebody who may do less than a role already allows must not weaken it either: the server refuses both.
  const locked = (role: Role) => !mayChange || lackingFor(me, role.permissions).length > 0
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={`sheet ${classes.frame}`} tabIndex={0} aria-label={t('admin.matrix')}>
      <table className={classes.table}>
        <caption className={classes.caption}>{t('admin.matrix')}</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.corner}>
              {t('admin.permission')}
            </th>
            {roles.map((role) => (
              <th
                key={role.id}
                scope="col"
                className={classes.role}
                data-draft={draft[role.id] ? true : undefined}
              >
                <Anchor
                  component="button"
                  type="button"
                  underline="hover"
                  onClick={() => onOpen(role)}
                  inherit
                  ta="center"
                  className={classes.roleName}
                >
                  {role.name}
                </Anchor>
                <span className={classes.members}>{t('admin.members', { count: role.member_count })}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((area) => (
            <Fragment key={area}>
              <tr className={classes.area}>
                <th scope="rowgroup" colSpan={roles.length + 1}>
                  {areas[area] ? t(areas[area]) : area}
                </th>
              </tr>
              {permissions
                .filter((permission) => permission.area === area)
                .map((permission) => {
                  const own = me.permissions.includes(permission.code)
                  return (
                    <tr key={permission.code}>
                      <th scope="row">
                        {permissionLabel(permission.code)}
                        {!own && mayChange && (
                          <Tooltip label={t('admin.lacking')}>
                            <span
                              className={classes.lock}
                              // biome-ignore lint/a11y/noNoninteractiveTabindex: the tooltip must open by keyboard
                              tabIndex={0}
                              role="img"
                              aria-label={t('admin.lacking')}
                            >
                              <IconLock size={14} aria-hidden />
                            </span>
                          </Tooltip>
                        )}
                      </th>
                      {roles.map((role) => (
                        <td key={role.id} data-draft={isTouched(role, draft, permission.code) || undefined}>
                          <Checkbox
                            checked={drafted(role, draft).permissions.includes(permission.code)}
                            disabled={!own || locked(role)}
                            onChange={() => onDraft(toggled(role, draft, permission.code))}
                            aria-label={t('admin.role_permission', {
                              role: role.name,
                              permission: permissionLabel(permission.code),
                            })}
                            classNames={{ body: classes.box!, inner: classes.boxInner! }}
                          />
                        </td>
                      ))}
                    </tr>
                  )
                })}
            </Fragment>
          ))}
          <tr className={classes.area}>
            <th scope="rowgroup" colSpan={roles.length + 1}>
              {t('admin.rules')}
            </th>
          </tr>
          <tr>
            <th scope="row">{t('admin.sees_rows')}</th>
            {roles.map((role) => (
              <td key={role.id}>
                <NativeSelect
                  size="xs"
                  className={classes.select}
                  aria-label={t('admin.sees_rows_of', { role: role.name })}
                  value={drafted(role, draft).row_access}
                  disabled={locked(role)}
                  data={rowAccessChoice()}
                  onChange={(event) =>
                    onDraft(changed(role, draft, { row_access: event.currentTarget.value }))
                  }
                />
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">{t('admin.needs_second_factor')}</th>
            {roles.map((role) => (
              <td key={role.id}>
                <Checkbox
                  checked={drafted(role, draft).requires_second_factor}
                  disabled={locked(role)}
                  onChange={(event) =>
                    onDraft(changed(role, draft, { requires_second_factor: event.currentTarget.checked }))
                  }
                  aria-label={t('admin.role_permission', {
                    role: role.name,
                    permission: t('admin.needs_second_factor'),
                  })}
                  classNames={{ body: classes.box!, inner: classes.boxInner! }}
                />
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </section>
  )
}

function isTouched(role: Role, draft: Draft, permission: string): boolean {
  return drafted(role, draft).permissions.includes(permission) !== role.permissions.includes(permission)
}
