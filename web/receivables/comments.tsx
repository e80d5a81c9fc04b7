import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Confirm } from '../shared/confirm.tsx'
import { FormError, useSubmit } from '../shared/form.tsx'
import { Loaded } from '../shared/states.tsx'
import { failed } from '../shared/toast.tsx'
import type { Comment, CommentVersion } from '../wire.ts'
import { type About, MentionArea } from '../work/mention-area.tsx'
import { pieces } from '../work/mentions.ts'
import classes from './invoice.module.css'

/** What colleagues wrote about an invoice or a customer, and a place to write. */
export function Comments({ about }: { about: About }) {
  const client = useQueryClient()
  const comments = useQuery({
    queryKey: [about.of, 'comments', about.id],
    queryFn: () => api<{ items: Comment[] }>('GET', `/api/receivables/${about.of}/${about.id}/comments`),
  })
  const again = () => client.invalidateQueries({ queryKey: [about.of] })
  return (
    <Stack gap="md">
      <Loaded query={comments} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('receivables.no_comments')}</Text>
          ) : (
            <ol className={classes.list}>
              {items.map((comment) => (
                <Item key={comment.id} about={about} comment={comment} again={again} />
              ))}
            </ol>
          )
        }
      </Loaded>
      <Writing
        about={about}
        label={t('receivables.write_comment')}
        action={t('receivables.comment')}
        send={async (body) => {
          await api('POST', `/api/receivables/${about.of}/${about.id}/comments`, { body: { body } })
          await again()
        }}
      />
    </Stack>
  )
}

function Item({ about, comment, again }: { about: About; comment: Comment; again: () => Promise<void> }) {
  const format = useFormat()
  const [editing, setEditing] = useState(false)
  const [deleting, setDeleting] = useState(false)
  const [before, setBefore] = useState(false)
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
        </Text>
        {comment.edited_at && !comment.is_deleted && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setBefore(true)}>
            {t('receivables.edited')}
          </Button>
        )}
      </Group>
      {comment.is_deleted ? (
        <Text size="sm" c="dimmed" fs="italic">
          {t('receivables.comment_deleted')}
        </Text>
      ) : editing ? (
        <Writing
          about={about}
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
          <p className={classes.body}>
            {pieces(comment.body, comment.mentions).map((piece, index) =>
              piece.name ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move
                <strong key={index} title={piece.text}>
                  @{piece.name}
                </strong>
              ) : (
                piece.text
              ),
            )}
          </p>
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
      {before && <Before comment={comment} onClose={() => setBefore(false)} />}
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

/** What a comment said before it was changed, newest first. */
function Before({ comment, onClose }: { comment: Comment; onClose: () => void }) {
  const format = useFormat()
  const history = useQuery({
    queryKey: ['invoices', 'comment-history', comment.id, comment.version],
    queryFn: () => api<{ items: CommentVersion[] }>('GET', `/api/receivables/comments/${comment.id}/history`),
  })
  return (
    <Modal opened onClose={onClose} title={t('receivables.comment_history')}>
      <Loaded query={history} lines={3}>
        {({ items }) => (
          <ol className={classes.list}>
            {items.map((version) => (
              <li key={version.at} className={classes.item}>
                <Text size="xs" c="dimmed">
                  <time dateTime={version.at}>{format.instant(version.at)}</time>
                  {version.user && ` · ${version.user.full_name}`}
                </Text>
                <p className={classes.body}>{version.body}</p>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </Modal>
  )
}

/** Ctrl+Enter sends; what was typed stays until it is sent. */
export function Writing({
  about,
  label,
  action,
  initial = '',
  autoFocus,
  send,
  onCancel,
}: {
  about: About
  label: string
  action: string
  initial?: string
  /** In a dialog, whose first field it is. */
  autoFocus?: boolean
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
        <MentionArea
          subject={about}
          {...(autoFocus ? { 'data-autofocus': true } : {})}
          label={label}
          description={t('receivables.comment_keys')}
          rows={3}
          resize="vertical"
          maxLength={4000}
          value={body}
          onChange={setBody}
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
