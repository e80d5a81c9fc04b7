import { Button, Group, List, Radio, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { Section } from '../shared/section.tsx'
import type { ImportQuestion, ImportRevision } from '../wire.ts'
import type { Acts } from './use-import.ts'

type Props = { questions: ImportQuestion[]; acts: Acts }

/** What the file alone does not decide. Several columns may ask the same; their examples are shown together. */
export function Questions({ questions, acts }: Props) {
  const [answers, setAnswers] = useState<Record<string, string>>({})
  const ids = [...new Set(questions.map((question) => question.id))]
  const open = ids.some((id) => !answers[id]?.trim())
  return (
    <Section title={t('imports.questions')} why={t('imports.questions_why')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (open) return
          const given = Object.fromEntries(ids.map((id) => [id, answers[id]!.trim()]))
          void acts.revise(given as ImportRevision)
        }}
      >
        <Stack gap="md">
          {ids.map((id) => (
            <OneQuestion
              key={id}
              asking={questions.filter((question) => question.id === id)}
              answer={answers[id] ?? null}
              onAnswer={(answer) => setAnswers({ ...answers, [id]: answer })}
            />
          ))}
          <Group>
            <Button type="submit" disabled={open || acts.busy} loading={acts.doing === 'revise'}>
              {t('imports.answer')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  )
}

type OneProps = { asking: ImportQuestion[]; answer: string | null; onAnswer: (answer: string) => void }

/** A choice, or a text where nothing is there to choose from. */
export function OneQuestion({ asking, answer, onAnswer }: OneProps) {
  const options = asking[0]!.options
  const message = asking.map((question) => question.message).join(' ')
  // Examples of a column stand with its choice already.
  const examples =
    asking[0]!.id === 'mapping' ? [] : asking.flatMap((question) => question.examples).slice(0, 4)
  return (
    <div>
      {options.length > 0 ? (
        <Radio.Group label={message} value={answer} onChange={onAnswer}>
          <Stack gap={8} mt="xs">
            {options.map((option) => (
              <Radio key={option.value} value={option.value} label={option.label} />
            ))}
          </Stack>
        </Radio.Group>
      ) : (
        <TextInput
          label={message}
          maw={320}
          value={answer ?? ''}
          onChange={(event) => onAnswer(event.currentTarget.value)}
        />
      )}
      {examples.length > 0 && (
        <>
          <Text size="sm" c="dimmed" mt="xs">
            {t('imports.examples')}
          </Text>
          <List size="sm" c="dimmed">
            {examples.map((example) => (
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
        </>
      )}
    </div>
  )
}
