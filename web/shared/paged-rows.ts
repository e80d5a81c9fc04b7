import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { api, type Options } from '../api.ts'
import type { Page } from '../wire.ts'

export const PAGE_SIZE = 100

/**
 * A long list as one: the page that is asked for first tells how many rows there are, the others are read as they come into
 * view. While a changed filter is being read the old rows stay.
 */
export function usePagedRows<Row, Answer extends Page<Row>>(
  key: string,
  path: string,
  query: NonNullable<Options['query']>,
  /** Asked for with the first page alone, such as counts beside the rows. */
  onceOnly: NonNullable<Options['query']> = {},
  /** Lists of other makers' shapes, made into ours. */
  shape?: { size: string; page: (answer: unknown) => Answer },
) {
  const read = async (page: number, more: NonNullable<Options['query']>, signal: AbortSignal) => {
    const asked = { ...query, ...more, page, [shape?.size ?? 'page_size']: PAGE_SIZE }
    const answer = await api<Answer>('GET', path, { query: asked, signal })
    return shape ? shape.page(answer) : answer
  }
  const first = useQuery({
    queryKey: [key, 'list', path, query, onceOnly, 1],
    queryFn: ({ signal }) => read(1, onceOnly, signal),
    placeholderData: keepPreviousData,
  })
  const [range, setRange] = useState({ from: 1, to: 1 })
  const wanted = useMemo(() => {
    const last = first.isPlaceholderData ? 1 : (first.data?.pages ?? 1)
    const pages: number[] = []
    for (let page = Math.max(2, range.from); page <= Math.min(range.to, last); page++) pages.push(page)
    return pages
  }, [range, first.data, first.isPlaceholderData])
  const answers = useQueries({
    queries: wanted.map((page) => ({
      queryKey: [key, 'list', path, query, page],
      queryFn: ({ signal }: { signal: AbortSignal }) => read(page, {}, signal),
    })),
    combine: answersOf<Answer>,
  })
  const onRange = useCallback((from: number, to: number) => {
    const pages = { from: Math.floor(from / PAGE_SIZE) + 1, to: Math.floor(to / PAGE_SIZE) + 1 }
    setRange((before) => (before.from === pages.from && before.to === pages.to ? before : pages))
  }, [])
  const rowAt = useCallback(
    (index: number): Row | undefined => {
      const page = Math.floor(index / PAGE_SIZE) + 1
      const answer = page === 1 ? first.data : answers[wanted.indexOf(page)]
      return answer?.items[index % PAGE_SIZE]
    },
    [first.data, wanted, answers],
  )
  return { first, rowAt, onRange, stale: first.isPlaceholderData }
}

const answersOf = <Answer>(results: { data: Answer | undefined }[]) => results.map(({ data }) => data)
