import { Button, Collapse, Group, Progress, Stack, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import { FormError } from '../shared/form.tsx'
import { type Progress as ImportProgress, onProgress } from '../shared/realtime.ts'
import { Section } from '../shared/section.tsx'
import { done } from '../shared/toast.tsx'
import type { ImportAnswer } from '../wire.ts'
import { fieldLabel, isStandard, type Mapping, missing, suggest } from './fields.ts'
import { FileDrop } from './file-drop.tsx'
import classes from './import-form.module.css'
import { MappingFields } from './mapping-fields.tsx'
import { type Answers, Questions, questionsOf } from './questions.tsx'
import { decode, type Preview, readHeader } from './read-header.ts'
import { Report } from './report.tsx'

type Chosen = { file: File; preview: Preview | null; mapping: Mapping; standard: boolean }
type Asked = { dryRun: boolean }

/** Choose a file, look at its columns, check it, import it. Nothing is written before the last step. */
export function ImportForm() {
  const format = useFormat()
  const navigate = useNavigate()
  const client = useQueryClient()
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const [asOf, setAsOf] = useState('')
  const [columnsOpen, setColumnsOpen] = useState(false)
  const [sent, setSent] = useState(0)
  const [answers, setAnswers] = useState<Answers>({})

  const send = useMutation({
    mutationFn: ({ dryRun }: Asked) => {
      setSent(0)
      return api<ImportAnswer>('POST', '/api/import-ar-data', {
        form: formOf(chosen!, asOf, answers, dryRun),
        onProgress: setSent,
      })
    },
    onSuccess: async (report, { dryRun }) => {
      if (dryRun) return
      await Promise.all(
        ['imports', 'ageing', 'invoices'].map((key) => client.invalidateQueries({ queryKey: [key] })),
      )
      if (report.status === 'published') done(t('imports.done', { count: report.processed_count }))
      await navigate({ to: '/imports/$id', params: { id: String(report.import_id) } as never })
    },
  })

  const choose = async (file: File) => {
    send.reset()
    setAnswers({})
    const preview = readHeader(decode(new Uint8Array(await file.slice(0, 64 * 1024).arrayBuffer())))
    const standard = preview !== null && isStandard(preview.header)
    const mapping = preview && !standard ? suggest(preview.header) : {}
    setChosen({ file, preview, mapping, standard })
    setColumnsOpen(preview !== null && !standard)
  }

  const open = chosen && !chosen.standard && chosen.preview ? missing(chosen.mapping) : []
  const asked = questionsOf(send.error)
  const undecided = asked.some((question) => !answers[question.id])
  const blocked = !chosen?.preview || open.length > 0 || undecided || send.isPending
  const checked = send.data && send.variables?.dryRun ? send.data : null
  return (
    <Section title={t('imports.new_import')} why={t('imports.new_import_why')}>
      <Stack gap="lg">
        <FileDrop
          file={chosen?.file ?? null}
          onFile={choose}
          accept=".csv,.txt,.tsv,text/csv,text/plain"
          disabled={send.isPending}
        />
        {chosen && (
          <>
            <DateField
              label={t('imports.as_of')}
              description={t('imports.as_of_why')}
              value={asOf || format.today()}
              max={format.today()}
              maw={280}
              onChange={(event) => setAsOf(event.currentTarget.value)}
            />
            {chosen.preview === null && <Text role="alert">{t('imports.unreadable')}</Text>}
            {chosen.preview && (
              <div>
                {chosen.standard ? (
                  <Text>{t('imports.standard', { count: chosen.preview.header.length })}</Text>
                ) : (
                  <>
                    <button
                      type="button"
                      className={classes.toggle}
                      aria-expanded={columnsOpen}
                      aria-controls="columns"
                      onClick={() => setColumnsOpen(!columnsOpen)}
                    >
                      <IconChevronDown
                        size={18}
                        aria-hidden
                        className={classes.chevron}
                        data-open={columnsOpen || undefined}
                      />
                      {t('imports.columns', { count: Object.values(chosen.mapping).filter(Boolean).length })}
                    </button>
                    <Collapse expanded={columnsOpen} id="columns">
                      <div className={classes.columns}>
                        <MappingFields
                          preview={chosen.preview}
                          mapping={chosen.mapping}
                          onChange={(mapping) => {
                            send.reset()
                            setChosen({ ...chosen, mapping })
                          }}
                        />
                      </div>
                    </Collapse>
                  </>
                )}
              </div>
            )}
            {open.length > 0 && (
              <Text role="alert" c="var(--mantine-color-error)" size="sm">
                {t('imports.missing_fields', {
                  fields: open.map((group) => group.map(fieldLabel).join(t('imports.or'))).join('; '),
                })}
              </Text>
            )}
            {asked.length > 0 ? (
              <Questions questions={asked} answers={answers} onChange={setAnswers} />
            ) : (
              <FormError error={send.error} />
            )}
            {send.isPending && <Sending share={sent} />}
            <Group gap="sm">
              <Button
                loading={send.isPending && !send.variables.dryRun}
                disabled={blocked}
                onClick={() => send.mutate({ dryRun: false })}
              >
                {t('imports.import')}
              </Button>
              <Button
                variant="default"
                loading={send.isPending && send.variables.dryRun}
                disabled={blocked}
                onClick={() => send.mutate({ dryRun: true })}
              >
                {t('imports.check')}
              </Button>
            </Group>
          </>
        )}
        {checked && (
          <div>
            <Text role="status" mb="md" fw={600}>
              {t('imports.checked')}
            </Text>
            <Report report={checked} />
          </div>
        )}
      </Stack>
    </Section>
  )
}

function Sending({ share }: { share: number }) {
  const format = useFormat()
  const [told, setTold] = useState<ImportProgress | null>(null)
  useEffect(() => onProgress((progress) => progress.kind === 'import.progressed' && setTold(progress)), [])
  const uploading = share < 1
  const said =
    told?.step === 'reading'
      ? t('imports.reading_rows', { rows: format.number(told.rows) })
      : t('imports.reading')
  // How many rows a file has is known when its last one was read.
  const value = uploading ? share * 100 : 100
  return (
    <div role="status">
      <Text size="sm" mb={4}>
        {uploading ? t('imports.sending', { share: format.percent(share) }) : said}
      </Text>
      <Progress value={value} animated={!uploading} aria-label={t('imports.progress')} />
    </div>
  )
}

function formOf(chosen: Chosen, asOf: string, answers: Answers, dryRun: boolean): FormData {
  // Fields before the file: the server knows what to do with it before its bytes arrive.
  const form = new FormData()
  if (asOf) form.set('as_of', asOf)
  if (!chosen.standard) {
    const mapping = Object.fromEntries(Object.entries(chosen.mapping).filter(([, header]) => header))
    if (Object.keys(mapping).length > 0) form.set('mapping', JSON.stringify(mapping))
  }
  for (const [question, answer] of Object.entries(answers)) form.set(question, answer)
  if (dryRun) form.set('dry_run', 'true')
  form.set('file', chosen.file, chosen.file.name)
  return form
}
