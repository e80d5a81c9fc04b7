import { Button, Group, Text } from '@mantine/core'
import type { NotificationData } from '@mantine/notifications'
import { t } from '../i18n.ts'
import { errorText } from './error-text.ts'

// Toasts are role=alert inside a labelled region, so that a screen reader hears them without losing its place.

const store = () => import('@mantine/notifications')
const show = (data: NotificationData) => void store().then(({ notifications }) => notifications.show(data))
const closeButtonProps = () => ({ 'aria-label': t('core.close') })

/** Says that something was done; with `undo` it can be taken back for as long as the toast stays. */
export function done(message: string, undo?: () => Promise<unknown>): void {
  const id = `done-${Date.now()}-${Math.random()}`
  show({
    id,
    color: 'pine',
    withBorder: true,
    autoClose: undo ? 10_000 : 4_000,
    closeButtonProps: closeButtonProps(),
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm">{message}</Text>
        {undo && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              void store().then(({ notifications }) => notifications.hide(id))
              undo().catch(failed)
            }}
          >
            {t('core.undo')}
          </Button>
        )}
      </Group>
    ),
  })
}

export function failed(error: unknown): void {
  const { sentence, requestId } = errorText(error)
  show({
    color: 'red',
    withBorder: true,
    autoClose: 12_000,
    closeButtonProps: closeButtonProps(),
    title: sentence,
    message: requestId ? t('core.request_id', { id: requestId }) : '',
  })
}
