import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from '../api.ts'
import type { OutstandingChoices, OutstandingDashboard, SheetCustomer, TrackedMonth } from '../wire.ts'

export type SheetFilters = {
  month?: string | undefined
  financialYear?: string | undefined
  department?: string | undefined
  region?: string | undefined
}

export const choicesQuery = queryOptions({
  queryKey: ['outstanding', 'choices'],
  queryFn: ({ signal }) => api<OutstandingChoices>('GET', '/api/outstanding/choices', { signal }),
})
export const dashboardQuery = (query: SheetFilters) =>
  queryOptions({
    queryKey: ['outstanding', 'dashboard', query],
    queryFn: ({ signal }) => api<OutstandingDashboard>('GET', '/api/dashboard', { query, signal }),
    placeholderData: keepPreviousData,
  })
export const sheetQuery = (query: SheetFilters) =>
  queryOptions({
    queryKey: ['outstanding', 'sheet', query],
    queryFn: ({ signal }) => api<SheetCustomer[]>('GET', '/api/customers', { query, signal }),
    placeholderData: keepPreviousData,
  })
export const trackerQuery = (query: SheetFilters) =>
  queryOptions({
    queryKey: ['outstanding', 'tracker', query],
    queryFn: ({ signal }) => api<TrackedMonth[]>('GET', '/api/invoice-tracker', { query, signal }),
    placeholderData: keepPreviousData,
  })
