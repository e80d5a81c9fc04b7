import { Alert, Button, Group, PasswordInput, Progress, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconLock } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { ApiError, api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { errorText } from '../shared/error-text.ts'
import { FileField } from '../shared/file-field.tsx'
import { visibilityToggle } from '../shared/password-field.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { useKey } from '../shared/use-key.ts'
import type { UploadedReport } from '../wire.ts'
import classes from './debtors.module.css'
import { apiOf, useRefresh, useReports } from './queries.ts'

type Sending = { file: File; share: number; stop: () => void }
type Props = { outlet: string; name: string; onRead: (answer: UploadedReport, password?: string) => void }

/** The month's report: dropped or chosen, sent, read page by page. A locked one asks for its password. */
export function Upload({ outlet, name, onRead }: Props) {
  const refresh = useRefresh()
  const field = useRef<HTMLInputElement>(null)
  const [sending, setSending] = useState<Sending | null>(null)
  const [locked, setLocked] = useState<{ file: File; wrong: boolean } | null>(null)
  const [error, setError] = useState<{ file: string; error: unknown } | null>(null)
  useKey('u', () => field.current?.click(), sending === null)

  const send = async (file: File, password?: string) => {
    const control = new AbortController()
    setError(null)
    setLocked(null)
    setSending({ file, share: 0, stop: () => control.abort() })
    // Fields before the file: the server knows the password before the bytes arrive.
    const form = new FormData()
    if (password) form.set('password', password)
    form.set('file', file, file.name)
    try {
      const answer = await api<UploadedReport>('POST', `${apiOf(outlet)}/upload`, {
        form,
        signal: control.signal,
        onProgress: (share) => setSending((before) => before && { ...before, share }),
      })
      onRead(answer, password)
    } catch (caught) {
      if (caught instanceof ApiError && caught.code === 'password_needed')
        setLocked({ file, wrong: password !== undefined })
      else if ((caught as Error).name !== 'AbortError') setError({ file: file.name, error: caught })
    } finally {
      setSending(null)
      void refresh()
    }
  }

  return (
    <Stack gap="sm">
      {sending ? (
        <Reading outlet={outlet} sending={sending} />
      ) : (
        <FileField
          field={field}
          name={t('debtors.drop', { pharmacy: name })}
          also={t('debtors.drop_also')}
          accept=".pdf,.csv,.xlsx,application/pdf,text/csv"
          onFiles={([file]) => file && void send(file)}
        />
      )}
      {locked && (
        <Password
          key={`${locked.file.name} ${locked.wrong}`}
          file={locked.file.name}
          wrong={locked.wrong}
          onPassword={(password) => void send(locked.file, password)}
          onGiveUp={() => setLocked(null)}
        />
      )}
      {error && <Refused outlet={outlet} file={error.file} error={error.error} />}
    </Stack>
  )
}

/** Sending, then the page that is being read. */
function Reading({ outlet, sending }: { outlet: string; sending: Sending }) {
  const format = useFormat()
  const arrived = sending.share === 1
  const reports = useReports(outlet, arrived)
  const progress = reports.data?.find(({ status }) => status === 'processing')?.progress
  const share = !arrived ? sending.share : progress && progress.of > 0 ? progress.page / progress.of : null
  return (
    <div className={classes.reading}>
      <Group justify="space-between" gap="xs" mb={6} wrap="nowrap">
        <Text role="status" fw={600} className="wrap-anywhere">
          {!arrived
            ? t('debtors.sending', { file: sending.file.name, share: format.percent(sending.share) })
            : progress
              ? t('debtors.reading_page', { page: progress.page, of: progress.of })
              : t('debtors.reading', { file: sending.file.name })}
        </Text>
        <Button size="compact-sm" variant="default" onClick={sending.stop}>
          {t('debtors.stop')}
        </Button>
      </Group>
      <Progress
        value={share === null ? 100 : share * 100}
        animated={share === null}
        aria-label={t('debtors.progress')}
      />
    </div>
  )
}

type PasswordProps = {
  file: string
  wrong: boolean
  onPassword: (password: string) => void
  onGiveUp: () => void
}

function Password({ file, wrong, onPassword, onGiveUp }: PasswordProps) {
  const [password, setPassword] = useState('')
  return (
    <form
      className={classes.asked}
      onSubmit={(event) => {
        event.preventDefault()
        if (password) onPassword(password)
      }}
    >
      <PasswordInput
        label={t('debtors.password_of', { file })}
        description={t('debtors.password_why')}
        error={wrong && t('debtors.password_wrong')}
        leftSection={<IconLock size={16} aria-hidden />}
        autoComplete="off"
        autoFocus
        maw={420}
        value={password}
        visibilityToggleButtonProps={visibilityToggle()}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Group gap="xs" mt="sm">
        <Button type="submit" disabled={password === ''}>
          {t('debtors.password_read')}
        </Button>
        <Button variant="subtle" onClick={onGiveUp}>
          {t('core.cancel')}
        </Button>
      </Group>
    </form>
  )
}

/** Nothing was changed: what is wrong with the file, and where a report of the same bytes is. */
function Refused({ outlet, file, error }: { outlet: string; file: string; error: unknown }) {
  const { sentence } = errorText(error)
  const report = error instanceof ApiError ? error.problem.report_id : undefined
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<IconAlertTriangle size={18} aria-hidden />}
      title={t('debtors.not_read', { file })}
    >
      {sentence} {t('debtors.nothing_changed')}{' '}
      {typeof report === 'number' && (
        <TextLink to={`/debtors/${outlet}/reports/${report}`} underline="always" inherit>
          {t('debtors.see_lines')}
        </TextLink>
      )}
    </Alert>
  )
}
