import { Button, Group, Modal, NativeSelect, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { t } from '../i18n.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { assigneeChoice, useAssignees } from './assignees.ts'

type Props = {
  title: string
  /** What else goes with them, or what does not change any more. */
  why?: string
  /** Who is chosen: '' for nobody, null for not chosen yet. */
  to: string | null
  onTo: (to: string) => void
  /** What giving them would do. */
  preview?: ReactNode
  action: string
  disabled: boolean
  onAssign: () => Promise<unknown>
  onClose: () => void
}

/** Asks to whom invoices are given. */
export function AssignForm({ title, why, to, onTo, preview, action, disabled, onAssign, onClose }: Props) {
  const assignees = useAssignees()
  const { busy, error, submit } = useSubmit(onAssign)
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Stack gap="md">
          <Loaded query={assignees} lines={2}>
            {({ items }) => (
              <NativeSelect
                label={t('receivables.assigned_to')}
                description={why ?? t('receivables.assign_by_hand')}
                data={[
                  ...(to === null
                    ? [{ value: 'choose', label: t('receivables.choose_person'), disabled: true }]
                    : []),
                  ...assigneeChoice(items),
                ]}
                value={to ?? 'choose'}
                onChange={(event) => onTo(event.currentTarget.value)}
                data-autofocus
              />
            )}
          </Loaded>
          {preview}
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={disabled}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
