import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { ApiError, api, type Method } from '../api.ts'
import { onProgress } from '../shared/realtime.ts'
import type { ImportDetails, ImportRevision, ImportSource } from '../wire.ts'
import { isWorking } from './words.ts'

const keyOf = (id: number | string) => ['imports', 'one', String(id)]

/** One import, asked again while it is at work; events say earlier that it is over. */
export function useImport(id: string, enabled: boolean) {
  const client = useQueryClient()
  const query = useQuery({
    queryKey: keyOf(id),
    enabled: enabled && /^\d{1,15}$/.test(id),
    queryFn: () => api<ImportDetails>('GET', `/api/imports/${id}`),
    refetchInterval: ({ state }) => (state.data && isWorking(state.data.status) ? 1_000 : false),
  })
  const status = query.data?.status
  const before = useRef(status)
  useEffect(() => {
    const wasWorking = before.current && isWorking(before.current)
    before.current = status
    if (!status || isWorking(status) || !wasWorking) return
    // The books may have changed, and what the list of imports says did.
    const roots = ['ageing', 'invoices', 'customers']
    void client.invalidateQueries({
      predicate: ({ queryKey: [root, part] }) =>
        roots.includes(String(root)) || (root === 'imports' && part !== 'one'),
    })
  }, [status, client])
  return query
}

/** How far the import is: what the channel said last, else what it said when it was read. */
export function useProgress(one: Pick<ImportDetails, 'id' | 'progress'>) {
  const [told, setTold] = useState<{ step: string; rows: number } | null>(null)
  useEffect(
    () =>
      onProgress((progress) => {
        if (progress.kind === 'import.progressed' && progress.subject_id === one.id) setTold(progress)
      }),
    [one.id],
  )
  const known = one.progress
  if (told && (!known || told.step !== known.step || told.rows > known.rows))
    return { of: known?.of ?? 0, step: told.step, rows: told.rows }
  return known
}

export const useSources = (enabled = true) =>
  useQuery({
    queryKey: ['imports', 'sources'],
    enabled,
    queryFn: () => api<{ items: ImportSource[] }>('GET', '/api/imports/sources'),
  })

type Act = { method?: Method; to?: 'publish' | 'cancel' | 'revert'; body?: ImportRevision }

/** What can be done with an import. Each answers the import as it then is; long work goes on behind it. */
export function useActs(id: number) {
  const client = useQueryClient()
  const act = useMutation({
    mutationFn: ({ method = 'POST', to, body }: Act) =>
      api<ImportDetails>(method, `/api/imports/${id}${to ? `/${to}` : ''}`, {
        background: true,
        ...(body ? { body } : {}),
      }),
    onSuccess: (one) => {
      // The version at the time of asking; what a later answer says wins.
      void client.cancelQueries({ queryKey: keyOf(id) })
      client.setQueryData(keyOf(id), one)
      return client.invalidateQueries({
        predicate: ({ queryKey: [root, part] }) => root === 'imports' && part !== 'one',
      })
    },
    onError: (error) => {
      if (error instanceof ApiError && error.status === 409)
        return client.invalidateQueries({ queryKey: ['imports'] })
    },
  })
  return {
    busy: act.isPending,
    doing: act.isPending ? (act.variables.to ?? 'revise') : null,
    /** What is being said about the file. */
    asked: (act.isPending && act.variables.body) || null,
    error: act.error,
    revise: (body: ImportRevision) => act.mutateAsync({ method: 'PATCH', body }).catch(() => null),
    publish: () => act.mutateAsync({ to: 'publish' }).catch(() => null),
    cancel: () => act.mutateAsync({ to: 'cancel' }).catch(() => null),
    revert: () => act.mutateAsync({ to: 'revert' }).catch(() => null),
  }
}
export type Acts = ReturnType<typeof useActs>
