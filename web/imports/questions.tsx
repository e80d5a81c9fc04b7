import { List, Radio, Stack, Text } from '@mantine/core'
import { ApiError } from '../api.ts'
import { t } from '../i18n.ts'
import type { ImportQuestion } from '../wire.ts'

export type Answers = { [question in ImportQuestion['id']]?: string }

/** The questions of a refusal: what the file alone does not decide. */
export function questionsOf(error: unknown): ImportQuestion[] {
  const asked = error instanceof ApiError ? error.problem.questions : undefined
  return Array.isArray(asked) ? (asked as ImportQuestion[]) : []
}

type Props = { questions: ImportQuestion[]; answers: Answers; onChange: (answers: Answers) => void }

/** One choice per question; several columns may ask the same one, whose examples are then shown together. */
export function Questions({ questions, answers, onChange }: Props) {
  const ids = [...new Set(questions.map((question) => question.id))]
  return (
    <Stack gap="md" role="group" aria-label={t('imports.questions')}>
      <Text fw={600} role="alert">
        {t('imports.questions')}
      </Text>
      {ids.map((id) => {
        const asking = questions.filter((question) => question.id === id)
        const options = asking[0]!.options
        return (
          <Radio.Group
            key={id}
            label={asking.map((question) => question.message).join(' ')}
            value={answers[id] ?? ''}
            onChange={(value) => onChange({ ...answers, [id]: value })}
          >
            <Stack gap={6} mt="xs">
              {options.map((option) => (
                <Radio key={option.value} value={option.value} label={option.label} />
              ))}
            </Stack>
            <List size="sm" mt="xs" c="dimmed">
              {asking
                .flatMap((question) => question.examples)
                .slice(0, 4)
                .map((example) => (
                  <List.Item key={`${example.row}:${example.value}`}>
                    {t('imports.example', {
                      row: example.row,
                      value: example.value,
                      means: options
                        .filter((option) => example.means[option.value])
                        .map((option) => `${example.means[option.value]} (${option.label})`)
                        .join('; '),
                    })}
                  </List.Item>
                ))}
            </List>
          </Radio.Group>
        )
      })}
    </Stack>
  )
}
