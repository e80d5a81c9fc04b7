import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { pick } from './url-filters.ts'

type Filters<Name extends string> = { [name in Name]?: string }

/**
 * The named filters of the address, and how to change some of them. A change goes back to the first page of a list
 * unless it is a change of page; it replaces the current entry of the history while somebody types.
 */
export function useFilters<const Name extends string>(
  names: readonly Name[],
): [Filters<Name>, (changes: { [name in Name]?: string | undefined }, how?: { replace?: boolean }) => void] {
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const set = useCallback(
    (changes: { [name in Name]?: string | undefined }, how: { replace?: boolean } = {}) => {
      void navigate({
        to: '.',
        search: (before: Record<string, unknown>) => ({
          ...before,
          ...('page' in changes || 'open' in changes ? {} : { page: undefined }),
          ...changes,
        }),
        replace: how.replace ?? false,
        resetScroll: false,
      } as never)
    },
    [navigate],
  )
  return [pick(search, names), set]
}
