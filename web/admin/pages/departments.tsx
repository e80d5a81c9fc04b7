import { TextInput } from '@mantine/core'
import { t } from '../../i18n.ts'
import { useCan } from '../../session.ts'
import { required } from '../../shared/form.tsx'
import type { Department } from '../../wire.ts'
import { Places } from '../places.tsx'
import { useDepartments } from '../queries.ts'

export default function Departments() {
  const query = useDepartments(useCan('settings.read'))
  return (
    <Places<Department, { name: string; is_active: boolean }>
      kind="departments"
      title={t('admin.departments')}
      addLabel={t('admin.department_add')}
      empty={{ title: t('admin.no_departments'), why: t('admin.no_departments_why') }}
      query={query}
      columns={[]}
      valuesOf={(department) => ({ name: department?.name ?? '', is_active: department?.is_active ?? true })}
      validate={{ name: required }}
      fields={(form) => <TextInput label={t('admin.name')} data-autofocus {...form.getInputProps('name')} />}
    />
  )
}
