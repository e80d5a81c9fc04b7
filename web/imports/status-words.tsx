import { NativeSelect, SimpleGrid } from '@mantine/core'
import { t } from '../i18n.ts'
import { Section } from '../shared/section.tsx'
import type { ImportDetails, ImportQuestion } from '../wire.ts'
import { saidOf } from './reading.ts'

type Props = {
  one: Pick<ImportDetails, 'said'>
  asked: ImportQuestion[]
  words: Record<string, string>
  onChange: (words: Record<string, string>) => void
}

/** Words of the status column that are in nobody's dictionary: what each means. */
export function StatusWords({ one, asked, words, onChange }: Props) {
  const asking = asked.filter(({ id }) => id === 'status_words')
  if (asking.length === 0) return null
  const said = saidOf(one).answers.status ?? {}
  const unknown = [...new Set(asking.flatMap(({ examples }) => examples.map(({ value }) => value)))]
  const rowOf = (word: string) =>
    asking.flatMap(({ examples }) => examples).find(({ value }) => value === word)?.row
  return (
    <Section title={t('imports.words_title')} why={t('imports.words_why', { column: asking[0]!.column })}>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {unknown.map((word) => (
          <NativeSelect
            key={word}
            label={word}
            description={t('imports.words_row', { row: rowOf(word) ?? 0 })}
            value={words[word] ?? said[word] ?? ''}
            data={[{ value: '', label: t('imports.words_choose') }, ...asking[0]!.options]}
            onChange={(event) => {
              const { [word]: _, ...rest } = words
              onChange(event.currentTarget.value ? { ...rest, [word]: event.currentTarget.value } : rest)
            }}
          />
        ))}
      </SimpleGrid>
    </Section>
  )
}
