import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { type MessageKey, t } from '../../i18n.ts'
import { useCan } from '../../session.ts'
import { required } from '../../shared/form.tsx'
import type { Outlet } from '../../wire.ts'
import { Places } from '../places.tsx'
import { useOutlets, useRegions } from '../queries.ts'

const kinds = {
  pharmacy: 'admin.kind_pharmacy',
  store: 'admin.kind_store',
  office: 'admin.kind_office',
  campus: 'admin.kind_campus',
  partner: 'admin.kind_partner',
  'pop-up': 'admin.kind_popup',
} satisfies Record<string, MessageKey>

const kindLabel = (kind: string) => (kind in kinds ? t(kinds[kind as keyof typeof kinds]) : kind)

export default function Outlets() {
  const maySee = useCan('settings.read')
  const query = useOutlets(maySee)
  const regions = useRegions(maySee)
  const regionName = (id: number | null) =>
    regions.data?.items.find((region) => region.id === id)?.name ?? '–'
  return (
    <Places
      kind="outlets"
      title={t('admin.outlets')}
      addLabel={t('admin.outlet_add')}
      empty={{ title: t('admin.no_outlets'), why: t('admin.no_outlets_why') }}
      query={query}
      columns={[
        { key: 'code', header: t('admin.code'), cell: (outlet) => outlet.code ?? '–' },
        { key: 'kind', header: t('admin.kind'), cell: (outlet) => kindLabel(outlet.kind) },
        { key: 'region', header: t('admin.region'), cell: (outlet) => regionName(outlet.region_id) },
      ]}
      valuesOf={(outlet: Outlet | null) => ({
        name: outlet?.name ?? '',
        code: outlet?.code ?? '',
        kind: outlet?.kind ?? 'store',
        region_id: outlet?.region_id ? String(outlet.region_id) : '',
        address: outlet?.address ?? '',
        email: outlet?.email ?? '',
        phone: outlet?.phone ?? '',
        is_active: outlet?.is_active ?? true,
      })}
      validate={{ name: required }}
      bodyOf={(values) => ({
        ...values,
        code: values.code || null,
        region_id: values.region_id ? Number(values.region_id) : null,
        address: values.address || null,
        email: values.email || null,
        phone: values.phone || null,
      })}
      fields={(form) => (
        <>
          <TextInput label={t('admin.name')} data-autofocus {...form.getInputProps('name')} />
          <TextInput label={t('core.optional', { label: t('admin.code') })} {...form.getInputProps('code')} />
          <NativeSelect
            label={t('admin.kind')}
            data={Object.keys(kinds).map((kind) => ({ value: kind, label: kindLabel(kind) }))}
            {...form.getInputProps('kind')}
          />
          <NativeSelect
            label={t('admin.region')}
            data={[
              { value: '', label: t('core.none') },
              ...(regions.data?.items ?? []).map((region) => ({
                value: String(region.id),
                label: region.name,
              })),
            ]}
            {...form.getInputProps('region_id')}
          />
          <Textarea
            label={t('core.optional', { label: t('admin.address') })}
            autosize
            {...form.getInputProps('address')}
          />
          <TextInput
            label={t('core.optional', { label: t('admin.email') })}
            type="email"
            {...form.getInputProps('email')}
          />
          <TextInput
            label={t('core.optional', { label: t('admin.phone') })}
            type="tel"
            {...form.getInputProps('phone')}
          />
        </>
      )}
    />
  )
}
