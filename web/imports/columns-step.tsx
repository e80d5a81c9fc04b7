import { Badge, Button, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { type Column, DataTable } from '../shared/data-table.tsx'
import { Section } from '../shared/section.tsx'
import { proposalsOf } from './columns.ts'
import { OneQuestion } from './questions.tsx'
import { type Proposal, readingOf, samplesOf, stepOf } from './reading.ts'
import { StatusWords } from './status-words.tsx'
import { StepFrame } from './step-frame.tsx'
import type { StepProps } from './wizard.tsx'
import { fieldLabel } from './words.ts'

type Draft = Record<string, string | null>

/** Which column feeds which field; what needs a look stands first. */
export function ColumnsStep({ one, acts, onStep }: StepProps) {
  const reading = readingOf(one)
  const [draft, setDraft] = useState<Draft>({})
  const [open, setOpen] = useState(one.questions.length === 0 && one.status === 'asking')
  const [words, setWords] = useState<Record<string, string>>({})
  const proposals = proposalsOf(one, reading)
  const chosen = (each: Proposal) => (each.field in draft ? draft[each.field]! : each.column)
  const asked = one.questions.filter((question) => stepOf(question) === 'columns')
  const asking = asked.filter(({ id }) => id === 'mapping')
  const wanting = asking.some(({ field }) => !(field && field in draft))
  const changed = Object.keys(draft).length + Object.keys(words).length > 0
  const taken = new Map(proposals.flatMap((each) => (chosen(each) ? [[chosen(each)!, each.field]] : [])))
  // A field that gets its column here stays where it is until the file is read anew.
  const isFound = (each: Proposal) => each.column !== null || each.certainty !== 'none'
  const rest = proposals.filter((each) => !isFound(each))
  // Nothing was recognised: all fields stand there, to be chosen by hand.
  const lost = rest.length === proposals.length
  const unused = reading.table?.columns.filter((column) => column && !taken.has(column)) ?? []

  const columns: Column<Proposal>[] = [
    { key: 'field', header: t('imports.field'), title: true, cell: ({ field }) => fieldLabel(field) },
    {
      key: 'column',
      header: t('imports.column'),
      width: '34%',
      cell: (each) => (
        <NativeSelect
          aria-label={t('imports.column_of', { field: fieldLabel(each.field) })}
          value={chosen(each) ?? ''}
          data={[
            { value: '', label: t('imports.no_column') },
            ...(reading.table?.columns ?? []).filter(Boolean),
          ]}
          onChange={(event) => setDraft({ ...draft, [each.field]: event.currentTarget.value || null })}
        />
      ),
    },
    {
      key: 'samples',
      header: t('imports.samples'),
      cell: (each) => (
        <span className="wrap-anywhere">{samplesOf(reading, chosen(each)).join(' · ') || '–'}</span>
      ),
    },
    {
      key: 'certainty',
      header: t('imports.certainty'),
      cell: (each) => (
        <>
          <Certainty of={each.field in draft ? 'chosen' : each.certainty} />
          {each.why && !(each.field in draft) && (
            <Text size="xs" c="dimmed">
              {each.why}
            </Text>
          )}
        </>
      ),
    },
  ]
  const apply = async () => {
    const done = await acts.revise({
      ...(Object.keys(draft).length > 0 ? { mapping: draft } : {}),
      ...(Object.keys(words).length > 0 ? { status_words: words } : {}),
    })
    if (!done) return
    setDraft({})
    setWords({})
  }
  const action =
    changed || asked.length > 0 || (one.status === 'asking' && one.questions.length === 0) ? (
      <Button disabled={acts.busy || wanting || !changed} loading={acts.doing === 'revise'} onClick={apply}>
        {t('imports.columns_apply')}
      </Button>
    ) : (
      one.status === 'checked' && (
        <Button disabled={acts.busy} onClick={() => onStep(one.rejected > 0 ? 'fix' : 'difference')}>
          {one.rejected > 0 ? t('imports.to_fix') : t('imports.to_difference')}
        </Button>
      )
    )
  return (
    <StepFrame title={t('imports.columns_title')} why={t('imports.columns_why')} actions={action}>
      <Stack gap="md">
        {asking.length > 0 && (
          <Section title={t('imports.columns_asked')}>
            <Stack gap="md">
              {asking.map((question) => (
                <OneQuestion
                  key={question.field}
                  asking={[question]}
                  answer={question.field && question.field in draft ? (draft[question.field] ?? '') : null}
                  onAnswer={(column) => setDraft({ ...draft, [question.field!]: column || null })}
                />
              ))}
            </Stack>
          </Section>
        )}
        <StatusWords one={one} asked={asked} words={words} onChange={setWords} />
        <DataTable
          caption={t('imports.columns_title')}
          columns={columns}
          rows={lost ? proposals : proposals.filter(isFound)}
          rowKey={({ field }) => field}
        />
        {unused.length > 0 && (
          <Section title={t('imports.unused')} why={t('imports.unused_why')}>
            <Group gap="xs">
              {unused.map((column) => (
                <Badge key={column} color="gray" h="auto" py={3} styles={{ label: { whiteSpace: 'normal' } }}>
                  {column}
                </Badge>
              ))}
            </Group>
          </Section>
        )}
        {!lost && rest.length > 0 && (
          <div>
            <Button
              variant="default"
              aria-expanded={open}
              aria-controls="other-fields"
              onClick={() => setOpen(!open)}
            >
              {t('imports.other_fields', { count: rest.length })}
            </Button>
            <div id="other-fields" hidden={!open} style={{ marginTop: 12 }}>
              <DataTable
                caption={t('imports.other_fields', { count: rest.length })}
                columns={columns}
                rows={rest}
                rowKey={({ field }) => field}
              />
            </div>
          </div>
        )}
        {action && <div>{action}</div>}
      </Stack>
    </StepFrame>
  )
}

function Certainty({ of }: { of: Proposal['certainty'] | 'chosen' }) {
  switch (of) {
    case 'known':
      return <Badge color="pine">{t('imports.certain')}</Badge>
    case 'asked':
      return <Badge color="brass">{t('imports.uncertain')}</Badge>
    case 'chosen':
      return <Badge color="pine">{t('imports.chosen')}</Badge>
    default:
      return <Badge color="gray">{t('imports.not_there')}</Badge>
  }
}
