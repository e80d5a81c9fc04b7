import { Button, Group, NativeSelect, PasswordInput, SimpleGrid, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { visibilityToggle } from '../shared/password-field.tsx'
import type { ColumnMeaning, DebtorReportDetails } from '../wire.ts'
import { buckets } from './buckets.ts'
import { reportApi, useRefresh } from './queries.ts'

const meanings = [...buckets, 'balance', 'account', 'name', 'phone', 'email', 'other'] as const
export const meaningWord = (meaning: ColumnMeaning) => t(`debtors.meaning_${meaning}`)

type Props = {
  outlet: string
  report: Pick<DebtorReportDetails, 'id' | 'questions' | 'columns'>
  /** Of a locked file: it is read again, and nobody keeps its password. */
  password?: string | undefined
  onAnswered?: () => void
}

/**
 * What columns of an unknown layout mean. Every guess is filled in already: one click says that they are right, and the
 * next report of this program asks no more.
 */
export function ColumnQuestions({ outlet, report, password: known, onAnswered }: Props) {
  const refresh = useRefresh()
  const [given, setGiven] = useState<Record<string, ColumnMeaning>>({})
  const [password, setPassword] = useState(known ?? '')
  const [locked, setLocked] = useState(false)
  const { questions } = report
  const answers = Object.fromEntries(
    questions.map(({ label, guess }) => [label, given[label] ?? guess ?? null]),
  )
  const open = questions.some(({ label }) => !answers[label])
  const { busy, error, submit } = useSubmit(async () => {
    try {
      await api('POST', `${reportApi(outlet, report.id)}/columns`, {
        body: { columns: answers, ...(password ? { password } : {}) },
      })
    } catch (caught) {
      if ((caught as { code?: string }).code !== 'password_needed') throw caught
      setLocked(true)
      throw caught
    }
    await refresh()
    onAnswered?.()
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!open) void submit({})
      }}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('debtors.questions_why')}
        </Text>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
          {questions.map(({ column, label }) => (
            <NativeSelect
              key={column}
              label={
                label ? t('debtors.question', { label }) : t('debtors.question_unnamed', { n: column + 1 })
              }
              value={answers[label] ?? ''}
              data={[
                ...(answers[label] ? [] : [{ value: '', label: t('debtors.choose_meaning') }]),
                ...meanings.map((value) => ({ value, label: meaningWord(value) })),
              ]}
              onChange={(event) =>
                setGiven({ ...given, [label]: event.currentTarget.value as ColumnMeaning })
              }
            />
          ))}
        </SimpleGrid>
        {locked && (
          <PasswordInput
            label={t('debtors.password_again')}
            autoComplete="off"
            maw={420}
            value={password}
            visibilityToggleButtonProps={visibilityToggle()}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        )}
        <FormError error={error} />
        <Group>
          <Button type="submit" loading={busy} disabled={open}>
            {t('debtors.answer')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
