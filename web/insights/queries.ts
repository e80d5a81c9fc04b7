import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { useFilters } from '../shared/use-filters.ts'
import type { Ageing } from '../wire.ts'

export const viewNames = ['as_of', 'from', 'known_on', 'currency', 'reporting'] as const
export type ViewFilters = { [name in (typeof viewNames)[number]]?: string }

/** What every page here speaks of, as its address says. */
export const useView = () => useFilters(viewNames)

export function useInsight<Answer>(
  path: string,
  query: Record<string, string | number | undefined>,
  enabled = true,
) {
  return useQuery({
    queryKey: ['insights', path, query],
    queryFn: ({ signal }) => api<Answer>('GET', `/api/receivables/insights/${path}`, { query, signal }),
    placeholderData: keepPreviousData,
    enabled,
  })
}

/** Regions by age, and which currencies there are. */
export function useRegionsByAge({ as_of, known_on, currency, reporting }: ViewFilters) {
  const query = { as_of, known_on, currency: reporting ?? currency, group_by: 'region' }
  return useQuery({
    queryKey: ['ageing', query],
    queryFn: ({ signal }) => api<Ageing>('GET', '/api/receivables/ageing', { query, signal }),
    placeholderData: keepPreviousData,
  })
}

/** Which invoices a figure is about: their list as of the same day and knowledge. */
export function invoiceSearch(
  view: { as_of: string; known_on: string | null; currency: string; is_converted?: boolean },
  more: Record<string, string> = {},
): Record<string, string> {
  return {
    as_of: view.as_of,
    ...(view.known_on ? { known_on: view.known_on } : {}),
    ...(view.is_converted ? {} : { currency: view.currency }),
    ...more,
  }
}
