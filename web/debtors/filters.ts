import { sortOf } from '../shared/url-filters.ts'

export const filterNames = [
  'search',
  'min_balance',
  'ageing_buckets',
  'has_email',
  'has_phone',
  'medical_aid',
] as const
export type DebtorFilters = { [name in (typeof filterNames)[number]]?: string }

/** What the server is asked with. */
export function filterQuery({ medical_aid, ...rest }: DebtorFilters) {
  return { ...rest, exclude_medical_aid: medical_aid === 'yes' ? 'false' : undefined }
}

export function sortQuery(sort: string | undefined) {
  const sorted = sortOf(sort)
  return sorted ? { sort_by: sorted.by, sort_order: sorted.descending ? 'desc' : 'asc' } : {}
}

const said = (value: string | undefined) => (value === undefined ? undefined : value === 'true')

/** The same, as the body of a download: of some debtors, or of all that the filters find. */
export function downloadBody(filters: DebtorFilters, sort: string | undefined, ids: number[] | 'all') {
  const order = sortQuery(sort)
  if (ids !== 'all') return { debtor_ids: ids, exclude_medical_aid: false, ...order }
  return {
    search: filters.search,
    min_balance: filters.min_balance === undefined ? undefined : Number(filters.min_balance),
    ageing_buckets: filters.ageing_buckets?.split(','),
    has_email: said(filters.has_email),
    has_phone: said(filters.has_phone),
    exclude_medical_aid: filters.medical_aid !== 'yes',
    ...order,
  }
}

/** Where reminders are written: to the debtors picked, or to all that the filters find. */
export function remindSearch(outlet: string, filters: DebtorFilters, ids: number[] | 'all') {
  if (ids !== 'all') return { outlet, ids: ids.join(',') }
  const { search, min_balance, ageing_buckets, has_email, has_phone } = filters
  return { outlet, search, min_balance, ageing_buckets, has_email, has_phone }
}
