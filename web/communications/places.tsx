import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { can, useMe } from '../session.ts'
import type { ListedPharmacy } from '../wire.ts'

/** The pharmacies that this person may read; none for those who have nothing to do with them. */
export function usePlaces() {
  const me = useMe()
  return useQuery({
    queryKey: ['debtors', 'pharmacies'],
    enabled: can(me, 'debtors.read'),
    queryFn: () => api<ListedPharmacy[]>('GET', '/pharmacies', { query: { include_inactive: true } }),
  })
}

export const placeName = (places: ListedPharmacy[], id: number | null) =>
  id === null
    ? t('communications.organisation')
    : (places.find(({ pharmacy_id }) => pharmacy_id === id)?.name ?? '')

/** Whose settings are shown: the organisation's own, or those of one pharmacy. */
export function PlaceChoice({
  places,
  value,
  onChange,
}: {
  places: ListedPharmacy[]
  value: number | null
  onChange: (id: string | undefined) => void
}) {
  if (places.length === 0) return null
  return (
    <NativeSelect
      label={t('communications.settings_of')}
      maw={360}
      mb="lg"
      value={value === null ? '' : String(value)}
      data={[
        { value: '', label: t('communications.organisation') },
        ...places.map(({ pharmacy_id, name }) => ({ value: String(pharmacy_id), label: name })),
      ]}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  )
}

/** One of the pharmacies, where there are several. */
export function PharmacyChoice({
  places,
  value,
  onChange,
}: {
  places: ListedPharmacy[]
  value: number
  onChange: (id: string) => void
}) {
  return (
    <NativeSelect
      label={t('communications.pharmacy')}
      maw={360}
      mb="lg"
      value={String(value)}
      data={places.map(({ pharmacy_id, name }) => ({ value: String(pharmacy_id), label: name }))}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
