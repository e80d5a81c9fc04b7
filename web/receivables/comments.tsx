import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Confirm } from '../shared/confirm.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { failed } from '../shared/toast.tsx'
import type { Comment } from '../wire.ts'
import classes from './invoice.module.css'

/** What colleagues wrote about the invoice, and a place to write. */
export function Comments({ invoiceId }: { invoiceId: number }) {
  const client = useQueryClient()
  const comments = useQuery({
    queryKey: ['invoices', 'comments', invoiceId],
    queryFn: () => api<{ items: Comment[] }>('GET', `/api/receivables/invoices/${invoiceId}/comments`),
  })
  const again = () => client.invalidateQueries({ queryKey: ['invoices'] })
  return (
    <Stack gap="md">
      <Loaded query={comments} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('receivables.no_comments')}</Text>
          ) : (
            <ol className={classes.list}>
              {items.map((comment) => (
                <Item key={comment.id} comment={comment} again={again} />
              ))}
            </ol>
          )
        }
      </Loaded>
      <Composer
        label={t('receivables.write_comment')}
        action={t('receivables.comment')}
        send={async (body) => {
          await api('POST', `/api/receivables/invoices/${invoiceId}/comments`, { body: { body } })
          await again()
        }}
      />
    </Stack>
  )
}

function Item({ comment, again }: { comment: Comment; again: () => Promise<void> }) {
  const format = useFormat()
  const [editing, setEditing] = useState(false)
  const [deleting, setDeleting] = useState(false)
  const path = `/api/receivables/comments/${comment.id}`
  const ifMatch = ifMatchOf(null, comment.version)
  const remove = async () => {
    setDeleting(false)
    try {
      await api('DELETE', path, { ifMatch })
    } catch (error) {
      failed(error)
    }
    await again()
  }
  return (
    <li className={classes.item}>
      <Group gap="xs" justify="space-between">
        <Text size="sm" fw={600}>
          {comment.user?.full_name}
        </Text>
        <Text size="xs" c="dimmed" component="time" dateTime={comment.created_at}>
          {format.instant(comment.created_at)}
          {comment.edited_at && !comment.is_deleted && ` · ${t('receivables.edited')}`}
        </Text>
      </Group>
      {comment.is_deleted ? (
        <Text size="sm" c="dimmed" fs="italic">
          {t('receivables.comment_deleted')}
        </Text>
      ) : editing ? (
        <Composer
          label={t('receivables.edit_comment')}
          action={t('core.save')}
          initial={comment.body}
          onCancel={() => setEditing(false)}
          send={async (body) => {
            try {
              await api('PUT', path, { body: { body }, ifMatch })
            } catch (error) {
              if (error instanceof ApiError && error.status === 412) await again()
              throw error
            }
            setEditing(false)
            await again()
          }}
        />
      ) : (
        <>
          <p className={classes.body}>{comment.body}</p>
          {comment.is_own && (
            <Group gap="xs" mt={4}>
              <Button size="compact-sm" variant="subtle" onClick={() => setEditing(true)}>
                {t('receivables.edit')}
              </Button>
              <Button size="compact-sm" variant="subtle" color="red" onClick={() => setDeleting(true)}>
                {t('core.delete')}
              </Button>
            </Group>
          )}
        </>
      )}
      <Confirm
        opened={deleting}
        title={t('receivables.delete_comment')}
        why={t('receivables.delete_comment_why')}
        action={t('core.delete')}
        onConfirm={remove}
        onClose={() => setDeleting(false)}
      />
    </li>
  )
}

/** Ctrl+Enter sends; what was typed stays until it is sent. */
function Composer({
  label,
  action,
  initial = '',
  send,
  onCancel,
}: {
  label: string
  action: string
  initial?: string
  send: (body: string) => Promise<void>
  onCancel?: () => void
}) {
  const [body, setBody] = useState(initial)
  const { busy, error, submit } = useSubmit(async () => {
    if (body.trim() === '') return
    await send(body)
    setBody('')
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit({})
      }}
    >
      <Stack gap="xs">
        <Textarea
          label={label}
          description={t('receivables.comment_keys')}
          rows={3}
          resize="vertical"
          maxLength={4000}
          value={body}
          onChange={(event) => setBody(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            void submit({})
          }}
        />
        <FormError error={error} />
        <Group justify="flex-end" gap="xs">
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              {t('core.cancel')}
            </Button>
          )}
          <Button type="submit" loading={busy} disabled={body.trim() === ''}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
