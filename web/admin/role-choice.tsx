import { Checkbox, Stack, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useMe } from '../session.ts'
import { permissionLabel } from '../shared/permission-label.ts'
import { Loaded } from '../shared/states.tsx'
import { familyLabel } from './family.ts'
import { byFamily, lackingFor } from './grant.ts'
import { useRoles } from './queries.ts'
import classes from './role-choice.module.css'

type Props = { value: string[]; onChange: (codes: string[]) => void; error?: React.ReactNode }

/** Roles as a list with what each is for. Those that allow more than the giver may do are shown, but not to be given. */
export function RoleChoice({ value, onChange, error }: Props) {
  const me = useMe()
  const roles = useRoles()
  return (
    <Loaded query={roles} lines={3}>
      {(matrix) => {
        const sorted = byFamily(matrix.roles)
        const families = [...new Set(sorted.map((role) => role.family))]
        return (
          <Checkbox.Group
            label={t('admin.roles')}
            description={t('admin.roles_why')}
            value={value}
            onChange={onChange}
            error={error}
          >
            <div className={classes.frame}>
              {families.map((family) => (
                <Stack key={family} gap={6} mb="sm">
                  <Text size="xs" c="dimmed">
                    {familyLabel(family)}
                  </Text>
                  {sorted
                    .filter((role) => role.family === family)
                    .map((role) => {
                      const lacking = lackingFor(me, role.permissions)
                      const kept = value.includes(role.code)
                      return (
                        <Checkbox
                          key={role.code}
                          value={role.code}
                          label={role.name}
                          disabled={lacking.length > 0 && !kept}
                          description={
                            lacking.length > 0
                              ? t('admin.cannot_grant', {
                                  permissions: lacking.slice(0, 3).map(permissionLabel).join('; '),
                                })
                              : role.description
                          }
                        />
                      )
                    })}
                </Stack>
              ))}
            </div>
          </Checkbox.Group>
        )
      }}
    </Loaded>
  )
}
