import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useRef } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { done, failed } from '../shared/toast.tsx'
import type { OutstandingChoices, SheetCustomer, SheetInvoice } from '../wire.ts'
import { type Edit, withEdit } from './edits.ts'

const bodies = {
  remark: ['remark', (value: string) => ({ newRemark: value })],
  notes: ['notes', (value: string) => ({ newNotes: value })],
  engineer: ['assign-engineer', (value: string) => ({ engineerId: value || null })],
} as const

/** At the same time, so that a pasted block is quick and the server has room for others. */
const AT_ONCE = 4

/** Writes cells: on the page at once, on the server one by one; what it refuses stands again as it was. */
export function useEdits(choices: OutstandingChoices, rows: readonly SheetCustomer[]) {
  const client = useQueryClient()
  const steps = useRef<Edit[][]>([])
  const named = useRef(rows)
  named.current = rows
  const show = useCallback(
    (edits: readonly Edit[], side: 'before' | 'after') => {
      const of = new Map<string, Edit[]>()
      for (const edit of edits) of.set(edit.customer, [...(of.get(edit.customer) ?? []), edit])
      client.setQueriesData<SheetCustomer[]>({ queryKey: ['outstanding', 'sheet'] }, (before) =>
        before?.map((row) =>
          (of.get(row.id) ?? []).reduce(
            (changed, edit) =>
              withEdit(
                changed,
                edit.field,
                edit[side],
                choices.engineers.find(({ id }) => id === edit[side])?.name ?? null,
              ),
            row,
          ),
        ),
      )
    },
    [client, choices],
  )
  const write = useCallback(
    async (edits: readonly Edit[], side: 'before' | 'after'): Promise<Edit[]> => {
      await client.cancelQueries({ queryKey: ['outstanding', 'sheet'] })
      show(edits, side)
      const written: Edit[] = []
      const left = [...edits]
      const worker = async () => {
        for (let edit = left.shift(); edit; edit = left.shift()) {
          const [path, body] = bodies[edit.field]
          const address = namedBy(named.current, edit.customer)
          try {
            await api('PUT', `/api/customers/${encodeURIComponent(address)}/${path}`, {
              body: body(edit[side]),
            })
            written.push(edit)
          } catch (error) {
            show([edit], side === 'after' ? 'before' : 'after')
            failed(error)
          }
        }
      }
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, edits.length) }, worker))
      return written
    },
    [client, show],
  )
  const undo = useCallback(async () => {
    const step = steps.current.pop()
    if (!step) return done(t('outstanding.nothing_to_undo'))
    const written = await write(step, 'before')
    done(t('outstanding.taken_back', { count: written.length }))
  }, [write])
  const apply = useCallback(
    async (edits: Edit[], message: string) => {
      if (edits.length === 0) return
      const written = await write(edits, 'after')
      if (written.length === 0) return
      steps.current.push(written)
      done(message, async () => {
        const at = steps.current.indexOf(written)
        if (at < 0) return
        steps.current.splice(at, 1)
        await write(written, 'before')
      })
    },
    [write],
  )
  const setStatus = useCallback(
    async (customer: SheetCustomer, invoice: SheetInvoice, newStatus: SheetInvoice['status']) => {
      const put = (status: SheetInvoice['status']) =>
        api(
          'PUT',
          `/api/customers/${encodeURIComponent(customer.customerCode)}/invoices/${encodeURIComponent(invoice.invoiceNumber)}/dispute`,
          { body: { newStatus: status } },
        ).finally(() => client.invalidateQueries({ queryKey: ['outstanding'] }))
      try {
        await put(newStatus)
        done(t('outstanding.status_of', { number: invoice.invoiceNumber }), () => put(invoice.status))
      } catch (error) {
        failed(error)
      }
    },
    [client],
  )
  return { apply, undo, setStatus }
}

/** The server takes a code before an id: so a customer is named by its code, which is its id where it has none. */
const namedBy = (rows: readonly SheetCustomer[], id: string) =>
  rows.find((row) => row.id === id)?.customerCode ?? id
