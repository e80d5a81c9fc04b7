import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useCan } from '../../session.ts'
import { required } from '../../shared/form.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { Region } from '../../wire.ts'
import { Places } from '../places.tsx'
import { useRegions } from '../queries.ts'

export default function Regions() {
  const query = useRegions(useCan('settings.read'))
  return (
    <Places<Region, { name: string; is_active: boolean }>
      kind="regions"
      title={t('admin.regions')}
      addLabel={t('admin.region_add')}
      empty={{ title: t('admin.no_regions'), why: t('admin.no_regions_why') }}
      query={query}
      columns={[{ key: 'code', header: t('admin.code'), cell: (region) => region.code }]}
      valuesOf={(region) => ({ name: region?.name ?? '', is_active: region?.is_active ?? true })}
      validate={{ name: required }}
      fields={(form) => <TextInput label={t('admin.name')} data-autofocus {...form.getInputProps('name')} />}
      extra={<Preset />}
    />
  )
}

/** The 18 regions that many organisations here start from. */
function Preset() {
  const client = useQueryClient()
  const add = useMutation({
    mutationFn: () => api('POST', '/api/admin/regions/preset'),
    onSuccess: () => {
      done(t('admin.preset_added'))
      return client.invalidateQueries({ queryKey: ['regions'] })
    },
    onError: failed,
  })
  return (
    <Button variant="default" loading={add.isPending} onClick={() => add.mutate()}>
      {t('admin.preset_regions')}
    </Button>
  )
}
