import { ActionIcon, Group, NativeSelect, Stack, Switch, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { t } from '../i18n.ts'
import { useCan } from '../session.ts'
import { useDepartments, useOutlets, useRegions } from './queries.ts'

export type OutletAccess = { outlet_id: number; can_write: boolean }
export type Places = { region_id: number | null; department_id: number | null; outlets: OutletAccess[] }

type Props = { value: Places; onChange: (value: Places) => void }

/** Where somebody works: region, department, and the outlets they may read or change. */
export function PlaceFields({ value, onChange }: Props) {
  const maySee = useCan('settings.read')
  const regions = useRegions(maySee)
  const departments = useDepartments(maySee)
  const outlets = useOutlets(maySee)
  if (!maySee) return null
  const choice = (items: { id: number; name: string }[] | undefined) => [
    { value: '', label: t('core.none') },
    ...(items ?? []).map((item) => ({ value: String(item.id), label: item.name })),
  ]
  const idOf = (text: string) => (text ? Number(text) : null)
  const free = (outlets.data?.items ?? []).filter(
    (outlet) => !value.outlets.some((one) => one.outlet_id === outlet.id),
  )
  const nameOf = (id: number) => outlets.data?.items.find((outlet) => outlet.id === id)?.name ?? String(id)
  return (
    <>
      <Group grow align="flex-start">
        <NativeSelect
          label={t('admin.region')}
          value={value.region_id ?? ''}
          data={choice(regions.data?.items)}
          onChange={(event) => onChange({ ...value, region_id: idOf(event.currentTarget.value) })}
        />
        <NativeSelect
          label={t('admin.department')}
          value={value.department_id ?? ''}
          data={choice(departments.data?.items)}
          onChange={(event) => onChange({ ...value, department_id: idOf(event.currentTarget.value) })}
        />
      </Group>
      {(outlets.data?.items.length ?? 0) > 0 && (
        <Stack gap="xs">
          <NativeSelect
            label={t('admin.add_outlet')}
            description={t('admin.outlets_why')}
            value=""
            data={[
              { value: '', label: t('admin.choose_outlet') },
              ...free.map((outlet) => ({ value: String(outlet.id), label: outlet.name })),
            ]}
            onChange={(event) => {
              const id = idOf(event.currentTarget.value)
              if (id) onChange({ ...value, outlets: [...value.outlets, { outlet_id: id, can_write: false }] })
            }}
          />
          {value.outlets.map((one) => (
            <Group key={one.outlet_id} justify="space-between" wrap="nowrap">
              <Text size="sm">{nameOf(one.outlet_id)}</Text>
              <Group gap="xs" wrap="nowrap">
                <Switch
                  label={t('admin.may_change')}
                  aria-label={t('admin.may_change_outlet', { outlet: nameOf(one.outlet_id) })}
                  checked={one.can_write}
                  onChange={(event) =>
                    onChange({
                      ...value,
                      outlets: value.outlets.map((other) =>
                        other.outlet_id === one.outlet_id
                          ? { ...other, can_write: event.currentTarget.checked }
                          : other,
                      ),
                    })
                  }
                />
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('admin.remove_outlet', { outlet: nameOf(one.outlet_id) })}
                  onClick={() =>
                    onChange({
                      ...value,
                      outlets: value.outlets.filter((other) => other.outlet_id !== one.outlet_id),
                    })
                  }
                >
                  <IconX size={16} aria-hidden />
                </ActionIcon>
              </Group>
            </Group>
          ))}
        </Stack>
      )}
    </>
  )
}
