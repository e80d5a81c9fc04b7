import { Button, Group, Popover, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import { FormError } from '../shared/form.tsx'
import { done } from '../shared/toast.tsx'
import type { MissingInvoice } from '../wire.ts'
import classes from './decide.module.css'
import { type Decision, decisionLabel } from './words.ts'

type Said = { rows: MissingInvoice[]; decision: Decision; paid_on?: string | undefined }

/** A decision for everything that is chosen, one request for each import concerned. The last decision holds. */
async function decide({ rows, decision, paid_on }: Said) {
  const imports = Map.groupBy(rows, (row) => row.import_id)
  for (const [id, missing] of imports)
    await api('POST', `/api/imports/${id}/missing`, {
      body: { invoice_ids: missing.map((row) => row.invoice_id), decision, ...(paid_on ? { paid_on } : {}) },
    })
}

export function Decide({ chosen, onDone }: { chosen: MissingInvoice[]; onDone: () => void }) {
  const format = useFormat()
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const [day, setDay] = useState('')
  const again = () =>
    Promise.all(
      ['imports', 'ageing', 'invoices', 'customers'].map((key) =>
        client.invalidateQueries({ queryKey: [key] }),
      ),
    )
  const act = useMutation({
    mutationFn: decide,
    onSuccess: async (_, { rows, decision }) => {
      setAsking(false)
      onDone()
      await again()
      done(t('imports.decided_done', { count: rows.length, what: decisionLabel(decision) }), async () => {
        // Back to what each was taken for: the decision before, or what the books had concluded by themselves.
        for (const [before, group] of Map.groupBy(rows, (row) => row.taken_as))
          for (const [paid_on, same] of Map.groupBy(group, (row) => row.paid_on ?? undefined))
            await decide({ rows: same, decision: before, paid_on })
        await again()
      })
    },
  })
  const none = chosen.length === 0
  // It was paid before the file that did not name it: the earliest of those days holds for all.
  const latest = chosen.reduce((min, row) => (row.as_of < min ? row.as_of : min), format.today())
  const busyWith = act.isPending ? act.variables.decision : null
  return (
    <section className={`sheet ${classes.bar}`} aria-label={t('imports.decide')}>
      <Text role="status" size="sm">
        {t('imports.chosen_count', { count: chosen.length })}
      </Text>
      <Group gap="xs">
        <Popover
          opened={asking}
          onChange={setAsking}
          withinPortal={false}
          trapFocus
          returnFocus
          position="bottom-start"
          shadow="md"
        >
          <Popover.Target>
            <Button disabled={none} loading={busyWith === 'paid'} onClick={() => setAsking(!asking)}>
              {t('imports.decide_paid')}
            </Button>
          </Popover.Target>
          <Popover.Dropdown aria-label={t('imports.decide_paid')} maw="calc(100vw - 32px)">
            <form
              onSubmit={(event) => {
                event.preventDefault()
                act.mutate({ rows: chosen, decision: 'paid', paid_on: day || undefined })
              }}
            >
              <Stack gap="sm">
                <DateField
                  label={t('core.optional', { label: t('imports.paid_on') })}
                  description={t('imports.paid_on_why', { day: format.day(latest) })}
                  value={day}
                  max={latest}
                  onChange={(event) => setDay(event.currentTarget.value)}
                />
                <Button type="submit" loading={act.isPending}>
                  {day ? t('imports.paid_that_day') : t('imports.paid_unknown')}
                </Button>
              </Stack>
            </form>
          </Popover.Dropdown>
        </Popover>
        {(['withdrawn', 'open'] as const).map((decision) => (
          <Button
            key={decision}
            variant="default"
            disabled={none || act.isPending}
            loading={busyWith === decision}
            onClick={() => act.mutate({ rows: chosen, decision })}
          >
            {decisionLabel(decision)}
          </Button>
        ))}
      </Group>
      <FormError error={act.error} />
    </section>
  )
}
