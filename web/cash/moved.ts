import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api } from '../api.ts'

const roots = new Set(['payments', 'credits', 'write-offs', 'invoices', 'customers', 'ageing'])

/** After money has moved everything that shows balances is read again. */
export function useMoved(): () => Promise<void> {
  const client = useQueryClient()
  return useCallback(
    () => client.invalidateQueries({ predicate: ({ queryKey }) => roots.has(String(queryKey[0])) }),
    [client],
  )
}

export const reversePayment = (id: number) =>
  api('POST', `/api/receivables/payments/${id}/reverse`, { body: {} })
