import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api } from '../api.ts'
import { can, useMe } from '../session.ts'
import { usePagedRows } from '../shared/paged-rows.ts'
import type {
  Debtor,
  DebtorDetails,
  DebtorList,
  DebtorReport,
  DebtorReportDetails,
  DebtorReportLine,
  DebtorStatistics,
  ListedPharmacy,
  Page,
  Pharmacy,
} from '../wire.ts'

// The first part of every key is `debtors`: an event of them makes all of it be read again.

export const apiOf = (outlet: string | number) => `/pharmacies/${outlet}/debtors`
export const reportApi = (outlet: string | number, report: string | number) =>
  `${apiOf(outlet)}/reports/${report}`

const isId = (text: string) => /^\d{1,15}$/.test(text)

export const usePharmacies = (enabled = true) =>
  useQuery({
    queryKey: ['debtors', 'pharmacies'],
    enabled,
    queryFn: () => api<ListedPharmacy[]>('GET', '/pharmacies', { query: { include_inactive: true } }),
  })

export const usePharmacy = (outlet: string) =>
  useQuery({
    queryKey: ['debtors', 'pharmacy', outlet],
    enabled: isId(outlet),
    queryFn: () => api<Pharmacy>('GET', `/pharmacies/${outlet}`),
  })

/** What this person may do at a pharmacy. */
export function useMay(pharmacy: Pick<Pharmacy, 'can_write'> | undefined) {
  const me = useMe()
  const writes = pharmacy?.can_write === true
  return { write: writes && can(me, 'debtors.write'), send: writes && can(me, 'debtors.send') }
}

/** Newest first. Asked again and again while one is being read: its progress is written nowhere. */
export const useReports = (outlet: string, reading = false) =>
  useQuery({
    queryKey: ['debtors', 'reports', outlet],
    enabled: isId(outlet),
    queryFn: () => api<DebtorReport[]>('GET', `${apiOf(outlet)}/reports`),
    refetchInterval: ({ state }) =>
      reading ? 400 : state.data?.some(({ status }) => status === 'processing') ? 2_000 : false,
  })

export const useReport = (outlet: string, report: string | number | undefined) =>
  useQuery({
    queryKey: ['debtors', 'report', outlet, String(report)],
    enabled: isId(outlet) && report !== undefined && isId(String(report)),
    queryFn: () => api<DebtorReportDetails>('GET', reportApi(outlet, report!)),
  })

/** The lines of one page of the document, or all of a kind. */
export const useLines = (
  outlet: string,
  report: string,
  query: { document_page?: number; kind?: string },
  enabled = true,
) =>
  useQuery({
    queryKey: ['debtors', 'lines', outlet, report, query],
    enabled,
    placeholderData: keepPreviousData,
    queryFn: () =>
      api<Page<DebtorReportLine>>('GET', `${reportApi(outlet, report)}/lines`, {
        query: { ...query, page_size: 1_000 },
      }),
  })

export const useStatistics = (outlet: string, query: Record<string, string | undefined>) =>
  useQuery({
    queryKey: ['debtors', 'statistics', outlet, query],
    queryFn: () => api<DebtorStatistics>('GET', `${apiOf(outlet)}/statistics`, { query }),
    placeholderData: keepPreviousData,
  })

export const useDebtor = (outlet: string, id: string) =>
  useQuery({
    queryKey: ['debtors', 'one', outlet, id],
    enabled: isId(outlet) && isId(id),
    queryFn: () => api<DebtorDetails>('GET', `${apiOf(outlet)}/${id}`),
  })

/** The list, as our own lists are: the document's keys are its own. */
const listShape = {
  size: 'per_page',
  page: (answer: unknown): Page<Debtor> => {
    const { debtors, total, page, per_page, pages } = answer as DebtorList
    return { items: debtors, total, page, page_size: per_page, pages }
  },
}
export const useDebtors = (path: string, query: Record<string, string | undefined>) =>
  usePagedRows<Debtor, Page<Debtor>>('debtors', path, query, {}, listShape)

/** Everything about debtors is read again. */
export function useRefresh() {
  const client = useQueryClient()
  return useCallback(() => client.invalidateQueries({ queryKey: ['debtors'] }), [client])
}
