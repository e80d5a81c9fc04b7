import { Button, Drawer, Group, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { t } from '../i18n.ts'
import { FormError } from '../shared/form.tsx'

type Props = {
  title: string
  action: string
  busy: boolean
  error: unknown
  /** Null while something is missing. */
  canSend: boolean
  onSend: () => void
  onClose: () => void
  children: ReactNode
}

/** A form at the side, sent with Ctrl+Enter from any of its fields. */
export function FormDrawer({ title, action, busy, error, canSend, onSend, onClose, children }: Props) {
  return (
    <Drawer opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (canSend) onSend()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return
          event.preventDefault()
          if (canSend) onSend()
        }}
      >
        <Stack gap="md">
          {children}
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button
              type="submit"
              loading={busy}
              disabled={!canSend}
              aria-keyshortcuts="Control+Enter Meta+Enter"
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  )
}
