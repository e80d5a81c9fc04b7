import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useMe } from '../session.ts'
import type { OutstandingChoices } from '../wire.ts'
import { FileDrop } from './file-drop.tsx'
import { monthAmong, monthsOfYear } from './sheet-form.ts'

export type SheetFields = { target: 'outstanding'; month: string; financial_year: string; department: string }

/** A monthly sheet needs to be told its month: it is taken from the file's name, and said before the file is sent. */
export function SheetUpload({ onSend }: { onSend: (files: File[], fields: SheetFields) => void }) {
  const me = useMe()
  const choices = useQuery({
    queryKey: ['outstanding', 'choices'],
    queryFn: ({ signal }) => api<OutstandingChoices>('GET', '/api/outstanding/choices', { signal }),
  }).data
  const [file, setFile] = useState<File | null>(null)
  const [said, setSaid] = useState<Partial<SheetFields>>({})
  const first = me.tenant?.financial_year_start ?? 4
  const next = choices?.nextMonth
  const years = choices ? yearsAround(choices.financialYears) : []
  const year =
    said.financial_year ??
    years.find((each) => next && monthsOfYear(each, first).includes(next)) ??
    years[0] ??
    ''
  const months = year ? monthsOfYear(year, first) : []
  const month = said.month ?? (next && months.includes(next) ? next : (months[0] ?? ''))
  const department = said.department ?? ''

  const choose = (files: File[]) => {
    const [one] = files
    if (!one) return
    setFile(one)
    // Of the chosen year first, then of any other that is offered.
    const found = [year, ...years]
      .map((each) => ({ each, month: monthAmong(one.name, monthsOfYear(each, first)) }))
      .find((each) => each.month !== undefined)
    if (found) setSaid((before) => ({ ...before, month: found.month!, financial_year: found.each }))
  }
  return (
    <Stack gap="md">
      <FileDrop onFiles={choose} accept=".csv,.tsv,.txt,.xlsx,.xls,text/csv,text/plain" />
      {file && (
        <Text size="sm" role="status" className="wrap-anywhere">
          {t('imports.sheet_chosen', { file: file.name })}
        </Text>
      )}
      <Group align="flex-end" gap="sm">
        <NativeSelect
          label={t('imports.sheet_year')}
          value={year}
          data={years}
          onChange={(event) =>
            setSaid({ ...said, financial_year: event.currentTarget.value, month: undefined as never })
          }
        />
        <NativeSelect
          label={t('imports.sheet_month')}
          value={month}
          data={months}
          onChange={(event) => setSaid({ ...said, month: event.currentTarget.value })}
        />
        {choices && choices.departments.length > 0 && (
          <NativeSelect
            label={t('imports.sheet_department')}
            value={department}
            data={[{ value: '', label: t('imports.sheet_department_own') }, ...choices.departments]}
            onChange={(event) => setSaid({ ...said, department: event.currentTarget.value })}
          />
        )}
        <Button
          disabled={!file || !month}
          onClick={() => {
            if (!file) return
            onSend([file], { target: 'outstanding', month, financial_year: year, department })
            setFile(null)
          }}
        >
          {t('imports.sheet_read')}
        </Button>
      </Group>
    </Stack>
  )
}

/** The years that have sheets, the running one, and the one before: older sheets are loaded as well. */
function yearsAround(known: string[]): string[] {
  const oldest = known.at(-1)
  if (!oldest) return known
  const from = Number(oldest.slice(0, 4))
  const before = (by: number) =>
    `${from - by}-${from - by + (oldest.slice(0, 4) === oldest.slice(5) ? 0 : 1)}`
  return [...known, before(1), before(2)]
}
