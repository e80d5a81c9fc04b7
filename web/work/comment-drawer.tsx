import { Drawer } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { Writing } from '../receivables/comments.tsx'
import { done } from '../shared/toast.tsx'
import type { CustomerDetails } from '../wire.ts'

export function CommentDrawer({ customer, onClose }: { customer: CustomerDetails; onClose: () => void }) {
  const client = useQueryClient()
  return (
    <Drawer opened onClose={onClose} title={t('work.comment_title', { customer: customer.name })}>
      <Writing
        about={{ of: 'customers', id: customer.id }}
        label={t('receivables.write_comment')}
        action={t('receivables.comment')}
        autoFocus
        send={async (body) => {
          await api('POST', `/api/receivables/customers/${customer.id}/comments`, { body: { body } })
          onClose()
          done(t('work.commented'))
          await client.invalidateQueries({ queryKey: ['customers'] })
        }}
      />
    </Drawer>
  )
}
