import { QueryClient, queryOptions, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ApiError, api, setCsrfToken, whenSignedOut } from './api.ts'
import { intlLocale } from './i18n.ts'
import { type Formatter, formatter } from './shared/format.ts'
import type { Me } from './wire.ts'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // A refusal does not become right by asking again; a lost connection may.
      retry: (count, error) =>
        error instanceof ApiError && (error.status === 0 || error.status >= 502) && count < 2,
      refetchOnWindowFocus: true,
    },
  },
})

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async (): Promise<Me | null> => {
    try {
      const me = await api<Me>('GET', '/api/session')
      setCsrfToken(me.csrf_token)
      return me
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  },
})

/** Takes a Me answer (sign-in, switch, invitation, ...) as the new session; what was read before is read anew. */
export async function enter(me: Me): Promise<void> {
  setCsrfToken(me.csrf_token)
  queryClient.setQueryData(sessionQuery.queryKey, me)
  void queryClient.resetQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] })
}

/** Signs out; a server that could not be reached has not signed anybody out, and the caller says so. */
export async function leave(): Promise<void> {
  try {
    await api('DELETE', '/api/session')
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error
  }
  forget()
}

/** The session is over on the server's side. The page that still shows it is about to be left and hears nothing. */
export function forget(): void {
  setCsrfToken(null)
  queryClient.clear()
  queryClient.setQueryData(sessionQuery.queryKey, null)
}

export function onSessionEnd(act: () => void): void {
  whenSignedOut(() => {
    const wasIn = queryClient.getQueryData(sessionQuery.queryKey)
    forget()
    if (wasIn) act()
  })
}

/** The signed-in person. Only pages behind the sign-in may call it. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(sessionQuery)
  if (!data) throw new ApiError(401, { code: 'signed_out' })
  return data
}

export function can(me: Me, permission: string | undefined): boolean {
  return permission === undefined || me.permissions.includes(permission)
}

export function useCan(permission: string): boolean {
  return can(useMe(), permission)
}

export function useFormat(): Formatter {
  const me = useMe()
  const currency = me.tenant?.currency ?? 'USD'
  const timezone = me.tenant?.timezone ?? 'UTC'
  // The language of the page as the organisation's country writes it: 21 Nov 2026 and 8,08,222.00 in India.
  const locale = me.tenant ? `${intlLocale()}-${me.tenant.country}` : intlLocale()
  return useMemo(() => formatter(locale, currency, timezone), [locale, currency, timezone])
}

export function useRefreshSession(): () => Promise<void> {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: sessionQuery.queryKey })
}
