import { Button, Group, Stack } from '@mantine/core'
import { t } from '../i18n.ts'
import { Section } from '../shared/section.tsx'
import { Choice, Line } from './choice.tsx'
import { CurrencyLine } from './currency-line.tsx'
import { KindChoice } from './kind-choice.tsx'
import { Questions } from './questions.tsx'
import { type Reading, readingOf, saidOf, stepOf } from './reading.ts'
import { SampleTable } from './sample-table.tsx'
import { StepFrame } from './step-frame.tsx'
import type { StepProps } from './wizard.tsx'

/** What we think the file is. Every conclusion shows its proof, and one click changes it. */
export function ReadingStep({ one, acts, onStep }: StepProps) {
  const reading = readingOf(one)
  const asked = one.questions.filter((question) => stepOf(question) === 'reading')
  return (
    <StepFrame
      title={t('imports.reading_title')}
      why={t('imports.reading_why')}
      actions={
        asked.length === 0 && (
          <Button disabled={acts.busy} onClick={() => onStep('columns')}>
            {t('imports.to_columns')}
          </Button>
        )
      }
    >
      <Stack gap="md">
        {asked.length > 0 && <Questions questions={asked} acts={acts} />}
        <Section title={t('imports.file_title')}>
          <FileLines one={one} reading={reading} acts={acts} />
        </Section>
        <Section title={t('imports.kind_title')} why={t('imports.kind_why')}>
          <KindChoice one={one} acts={acts} />
        </Section>
        <Section title={t('imports.values_title')} why={t('imports.values_why')}>
          <ValueLines one={one} reading={reading} acts={acts} />
        </Section>
        <SampleTable reading={reading} />
        {asked.length === 0 && (
          <Group>
            <Button disabled={acts.busy} onClick={() => onStep('columns')}>
              {t('imports.to_columns')}
            </Button>
          </Group>
        )}
      </Stack>
    </StepFrame>
  )
}

type Lines = Pick<StepProps, 'one' | 'acts'> & { reading: Reading }

function FileLines({ one, reading, acts }: Lines) {
  const { table } = reading
  const said = saidOf(one)
  return (
    <div>
      <Line label={t('imports.source')}>
        {one.source?.name ?? reading.layout?.name ?? t('imports.source_new')}
      </Line>
      {table && table.sheets.length > 1 && (
        <Choice
          label={t('imports.sheet')}
          said={said.sheet ?? table.sheet}
          concluded={null}
          options={table.sheets.map((sheet) => ({ value: sheet, label: sheet }))}
          evidence={[]}
          onChange={(sheet) => acts.revise({ sheet })}
        />
      )}
      {table?.encoding && (
        <Choice
          label={t('imports.encoding')}
          said={said.encoding}
          concluded={table.encoding}
          options={encodings}
          evidence={[]}
          onChange={(encoding) => acts.revise({ encoding: encoding as 'utf-8' | null })}
        />
      )}
      {table?.delimiter && <Line label={t('imports.delimiter')}>{delimiterName(table.delimiter)}</Line>}
      {table?.header_row != null && (
        <Line label={t('imports.header_row')}>{t('imports.header_row_at', { row: table.header_row })}</Line>
      )}
    </div>
  )
}

function ValueLines({ one, reading, acts }: Lines) {
  const { answers } = saidOf(one)
  const about = (...fields: string[]) => reading.evidence.filter(({ field }) => fields.includes(field))
  const days = about('invoice_date', 'due_date', 'settled_on')
  const amounts = about('amount', 'open_amount', 'line_amount', 'debit', 'credit', 'paid_amount')
  return (
    <div>
      <Choice
        label={t('imports.date_order')}
        said={answers.date_order}
        concluded={Object.values(reading.days).find(({ order }) => order)?.order}
        options={[
          { value: 'dmy', label: t('imports.order_dmy') },
          { value: 'mdy', label: t('imports.order_mdy') },
          { value: 'ymd', label: t('imports.order_ymd') },
        ]}
        evidence={days}
        onChange={(order) => acts.revise({ date_order: order as 'dmy' | null })}
      />
      <Choice
        label={t('imports.decimal')}
        said={answers.decimal}
        concluded={reading.decimal?.decimal}
        options={[
          { value: '.', label: t('imports.decimal_point') },
          { value: ',', label: t('imports.decimal_comma') },
        ]}
        evidence={amounts}
        onChange={(decimal) => acts.revise({ decimal: decimal as '.' | null })}
      />
      <Choice
        label={t('imports.sign')}
        said={answers.sign}
        concluded={null}
        options={[
          { value: 'as_written', label: t('imports.sign_as_written') },
          { value: 'flipped', label: t('imports.sign_flipped') },
        ]}
        evidence={[]}
        onChange={(sign) => acts.revise({ sign: sign as 'as_written' | null })}
      />
      <CurrencyLine one={one} evidence={about('currency')} acts={acts} />
    </div>
  )
}

const encodings = ['utf-8', 'windows-1252', 'utf-16le', 'utf-16be'].map((value) => ({
  value,
  label: value.toUpperCase(),
}))

function delimiterName(delimiter: string): string {
  switch (delimiter) {
    case ',':
      return t('imports.delimiter_comma')
    case ';':
      return t('imports.delimiter_semicolon')
    case '\t':
      return t('imports.delimiter_tab')
    default:
      return delimiter
  }
}
