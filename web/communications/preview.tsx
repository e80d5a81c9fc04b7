import { Alert, Text } from '@mantine/core'
import { ApiError } from '../api.ts'
import { t } from '../i18n.ts'
import { Failed, Loading } from '../shared/states.tsx'
import { MailFrame } from './mail-frame.tsx'
import { type Draft, useReminderPreview } from './reminders.ts'
import { SmsBubble } from './sms-bubble.tsx'

/** What one debtor gets, as the words stand now. */
export function ReminderPreview({
  outlet,
  debtor,
  draft,
  cost,
}: {
  outlet: string
  debtor: number
  draft: Omit<Draft, 'send_at'>
  /** Says what so many parts cost. */
  cost?: ((parts: number) => string | undefined) | undefined
}) {
  const preview = useReminderPreview(outlet, debtor, draft)
  if (preview.error instanceof ApiError && preview.error.status < 500)
    return (
      <Alert color="red" variant="light" role="alert">
        {preview.error.errors[0]?.message ?? preview.error.detail}
      </Alert>
    )
  if (preview.isError) return <Failed error={preview.error} onRetry={() => preview.refetch()} />
  if (!preview.data) return <Loading lines={6} />
  const { data } = preview
  return (
    <div data-stale={preview.isPlaceholderData || undefined}>
      <Text size="sm" c="dimmed" mb="xs" style={{ overflowWrap: 'anywhere' }}>
        {data.recipient
          ? t('communications.goes_to', { address: data.recipient })
          : t('communications.goes_nowhere')}
      </Text>
      {draft.kind === 'sms' ? (
        <>
          <SmsBubble
            text={data.text}
            parts={data.parts ?? 1}
            encoding={data.encoding as 'GSM-7' | 'UCS-2' | null}
            cost={cost?.(data.parts ?? 1)}
          />
          {data.foreign && (
            <Text size="sm" mt="xs">
              {t('communications.foreign', { letter: data.foreign })}
            </Text>
          )}
        </>
      ) : (
        <MailFrame subject={data.subject ?? ''} html={data.html} text={data.text} />
      )}
    </div>
  )
}
