import { Button, Group, Progress, SegmentedControl, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useRef, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { DateField } from '../shared/date-field.tsx'
import { FormError } from '../shared/form.tsx'
import { Section } from '../shared/section.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { useFilters } from '../shared/use-filters.ts'
import type { ImportTakenIn } from '../wire.ts'
import { FileDrop } from './file-drop.tsx'
import { PasteBox } from './paste-box.tsx'
import { type SheetFields, SheetUpload } from './sheet-upload.tsx'
import classes from './upload.module.css'

type Sent = {
  key: number
  file: File
  share: number
  one?: ImportTakenIn
  error?: unknown
  stop?: () => void
}

/** Choose, drop or paste: each file is sent and read at once, and its page says what was found. */
export function Upload() {
  const format = useFormat()
  const navigate = useNavigate()
  const client = useQueryClient()
  const [asOf, setAsOf] = useState('')
  const [sent, setSent] = useState<Sent[]>([])
  const next = useRef(0)
  const [filters, setFilters] = useFilters(['target'])
  const isSheet = filters.target === 'outstanding'
  const day = useRef(asOf)
  day.current = asOf

  const send = useCallback(
    async (files: File[], fields?: SheetFields) => {
      const added = files.map((file): Sent => ({ key: next.current++, file, share: 0 }))
      const change = (key: number, changes: Partial<Sent>) =>
        setSent((before) => before.map((each) => (each.key === key ? { ...each, ...changes } : each)))
      setSent((before) => [...before.filter((each) => !each.error), ...added])
      for (const { key, file } of added) {
        const control = new AbortController()
        change(key, { stop: () => control.abort() })
        // Fields before the file: the server knows what to do with it before its bytes arrive.
        const form = new FormData()
        if (fields) for (const [name, value] of Object.entries(fields)) form.set(name, value)
        else if (day.current) form.set('as_of', day.current)
        form.set('file', file, file.name)
        try {
          const one = await api<ImportTakenIn>('POST', '/api/imports', {
            form,
            background: true,
            signal: control.signal,
            onProgress: (share) => change(key, { share }),
          })
          change(key, { share: 1, one })
          void client.invalidateQueries({ queryKey: ['imports'] })
          if (files.length === 1)
            await navigate({
              to: `/imports/${one.id}` as string,
              search: one.already ? { sent: file.name } : {},
            })
        } catch (error) {
          if ((error as Error).name === 'AbortError')
            setSent((before) => before.filter((each) => each.key !== key))
          else change(key, { error })
        }
      }
    },
    [client, navigate],
  )

  return (
    <Section title={t('imports.new_import')} why={t('imports.new_import_why')}>
      <Stack gap="md">
        <SegmentedControl
          aria-label={t('imports.target')}
          value={isSheet ? 'outstanding' : 'receivables'}
          onChange={(target) => setFilters({ target: target === 'outstanding' ? target : undefined })}
          data={[
            { value: 'receivables', label: t('imports.target_receivables') },
            { value: 'outstanding', label: t('imports.target_outstanding') },
          ]}
          style={{ alignSelf: 'flex-start' }}
        />
        {isSheet ? (
          <SheetUpload onSend={send} />
        ) : (
          <>
            <DateField
              label={t('core.optional', { label: t('imports.as_of_file') })}
              description={t('imports.as_of_why')}
              value={asOf}
              max={format.today()}
              maw={420}
              onChange={(event) => setAsOf(event.currentTarget.value)}
            />
            <FileDrop
              onFiles={(files) => send(files)}
              accept=".csv,.tsv,.txt,.xlsx,.xls,text/csv,text/plain"
            />
          </>
        )}
        {sent.length > 0 && (
          <ul className={classes.list} aria-label={t('imports.sent_files')}>
            {sent.map((each) => (
              <li key={each.key}>
                <SentFile sent={each} />
              </li>
            ))}
          </ul>
        )}
        {!isSheet && <PasteBox onFiles={(files) => send(files)} />}
      </Stack>
    </Section>
  )
}

function SentFile({ sent }: { sent: Sent }) {
  const format = useFormat()
  if (sent.error !== undefined)
    return (
      <>
        <Text size="sm" fw={600} mb={4} className="wrap-anywhere">
          {sent.file.name}
        </Text>
        <FormError error={sent.error} />
      </>
    )
  if (sent.one)
    return (
      <Text size="sm" role="status">
        <TextLink to={`/imports/${sent.one.id}`} underline="always" inherit className="wrap-anywhere">
          {sent.file.name}
        </TextLink>{' '}
        {sent.one.already ? t('imports.same_sent', { file: sent.one.file_name }) : t('imports.sent')}
      </Text>
    )
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text size="sm" role="status" className="wrap-anywhere">
          {t('imports.sending', { file: sent.file.name, share: format.percent(sent.share) })}
        </Text>
        {sent.stop && (
          <Button size="compact-sm" variant="default" onClick={sent.stop}>
            {t('imports.stop_sending')}
          </Button>
        )}
      </Group>
      <Progress
        value={sent.share * 100}
        aria-label={t('imports.progress_of', { file: sent.file.name })}
        animated={sent.share === 1}
      />
    </div>
  )
}
