import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { t } from '../i18n.ts'

type Props = {
  opened: boolean
  title: string
  why: ReactNode
  /** Says what the button does, in the words of the button that opened this. */
  action: string
  busy?: boolean
  onConfirm: () => void
  onClose: () => void
}

/** Asked only before what cannot be undone. The harmless answer has the focus. */
export function Confirm({ opened, title, why, action, busy, onConfirm, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <Stack gap="lg">
        <Text component="div">{why}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('core.cancel')}
          </Button>
          <Button color="red" onClick={onConfirm} loading={busy ?? false}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
