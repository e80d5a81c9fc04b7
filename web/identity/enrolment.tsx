import { Button, Checkbox, Group, List, Stack, Text } from '@mantine/core'
import { IconDownload, IconPrinter } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { CopyButton, CopyField } from '../shared/copy-field.tsx'
import { download } from '../shared/download.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Failed, Loading } from '../shared/states.tsx'
import { CodeInput } from './code-input.tsx'
import classes from './enrolment.module.css'
import { QrCode } from './qr-code.tsx'

/** Scan, confirm with a code, keep the recovery codes. `onDone` is called once the codes were acknowledged. */
export function Enrolment({ onDone }: { onDone: () => void }) {
  const [codes, setCodes] = useState<string[] | null>(null)
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />
  return <Scan onConfirmed={setCodes} />
}

function Scan({ onConfirmed }: { onConfirmed: (codes: string[]) => void }) {
  const begin = useMutation({
    mutationFn: () => api<{ secret: string; otpauth_uri: string }>('POST', '/api/profile/second-factor'),
  })
  const { mutate } = begin
  useEffect(() => mutate(), [mutate])
  const [code, setCode] = useState('')
  const { busy, error, submit } = useSubmit(async (typed: string) => {
    const answer = await api<{ recovery_codes: string[] }>('POST', '/api/profile/second-factor/confirm', {
      body: { code: typed },
    })
    onConfirmed(answer.recovery_codes)
  })
  if (begin.isError) return <Failed error={begin.error} onRetry={() => begin.mutate()} />
  if (!begin.data) return <Loading lines={4} />
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit(code.trim())
      }}
      noValidate
    >
      <Stack gap="md">
        <List type="ordered" spacing={4} size="sm">
          <List.Item>{t('identity.enrol_step_app')}</List.Item>
          <List.Item>{t('identity.enrol_step_scan')}</List.Item>
          <List.Item>{t('identity.enrol_step_code')}</List.Item>
        </List>
        <div className={classes.code}>
          <QrCode text={begin.data.otpauth_uri} label={t('identity.qr_label')} />
        </div>
        <CopyField
          label={t('identity.secret')}
          description={t('identity.secret_why')}
          value={begin.data.secret}
        />
        <FormError error={error} />
        <CodeInput value={code} onChange={setCode} />
        <Button type="submit" loading={busy} disabled={code.trim().length < 6}>
          {t('identity.confirm')}
        </Button>
      </Stack>
    </form>
  )
}

function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const [kept, setKept] = useState(false)
  const text = codes.join('\n')
  return (
    <Stack gap="md">
      <div role="status">
        <Text fw={600}>{t('identity.second_factor_on')}</Text>
        <Text size="sm" c="dimmed">
          {t('identity.recovery_why')}
        </Text>
      </div>
      <ul className={classes.recovery}>
        {codes.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <Group gap="xs" className="no-print">
        <CopyButton value={text} />
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => download('duebook-recovery-codes.txt', `${text}\n`, 'text/plain')}
        >
          {t('identity.download')}
        </Button>
        <Button
          variant="default"
          leftSection={<IconPrinter size={16} aria-hidden />}
          onClick={() => window.print()}
        >
          {t('identity.print')}
        </Button>
      </Group>
      <Checkbox
        checked={kept}
        onChange={(event) => setKept(event.currentTarget.checked)}
        label={t('identity.recovery_kept')}
      />
      <Button disabled={!kept} onClick={onDone}>
        {t('identity.continue')}
      </Button>
    </Stack>
  )
}
