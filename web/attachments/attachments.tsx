import { ActionIcon, Button, Group, Modal, Progress, Stack, Text } from '@mantine/core'
import {
  IconDownload,
  IconFile,
  IconFileTypePdf,
  IconPaperclip,
  IconPhoto,
  IconTrash,
} from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useId, useRef, useState } from 'react'
import { api, withQuery } from '../api.ts'
import { t } from '../i18n.ts'
import { can, useFormat, useMe } from '../session.ts'
import { errorText } from '../shared/error-text.ts'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import { done, failed } from '../shared/toast.tsx'
import type { Attachment } from '../wire.ts'
import classes from './attachments.module.css'

const path = '/api/receivables/attachments'
const SIZE_MAX = 25 * 1024 * 1024
const accept =
  '.pdf,.png,.jpg,.jpeg,.gif,.webp,.tif,.tiff,.eml,.msg,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.csv,.tsv,.txt'

export type AttachmentSubject = 'invoice' | 'dispute' | 'promise' | 'comment' | 'customer'
type Props = {
  subject: AttachmentSubject
  id: number
  /** Also what hangs on it: of an invoice its disputes' files, of a customer its invoices'. */
  related?: boolean
}
type Upload = { key: number; name: string; share: number; problem?: string }
type Answer = { items: Attachment[]; used: number; quota: number }

export const useAttachments = ({ subject, id, related }: Props) =>
  useQuery({
    queryKey: ['attachments', subject, id, related ?? false],
    queryFn: () => api<Answer>('GET', path, { query: { subject, subject_id: id, related } }),
  })

/** The files on something: chosen, dropped or pasted; shown where a browser can, else saved. */
export function Attachments(props: Props) {
  const { subject, id } = props
  const me = useMe()
  const client = useQueryClient()
  const files = useAttachments(props)
  const [uploads, setUploads] = useState<Upload[]>([])
  const [shown, setShown] = useState<Attachment | null>(null)
  const next = useRef(0)
  const again = () => client.invalidateQueries({ queryKey: ['attachments'] })
  const change = (key: number, to: Partial<Upload>) =>
    setUploads((all) => all.map((one) => (one.key === key ? { ...one, ...to } : one)))

  const send = async (file: File) => {
    const key = next.current++
    const begun = { key, name: file.name, share: 0 }
    if (file.size > SIZE_MAX) {
      setUploads((all) => [...all, { ...begun, problem: t('disputes.file_too_large', { name: file.name }) }])
      return
    }
    setUploads((all) => [...all, begun])
    const form = new FormData()
    form.set('file', file)
    try {
      await api('POST', path, {
        query: { subject, subject_id: id },
        form,
        onProgress: (share) => change(key, { share }),
      })
      setUploads((all) => all.filter((one) => one.key !== key))
      done(t('disputes.file_added', { name: file.name }))
      await again()
    } catch (error) {
      change(key, { problem: errorText(error).sentence })
    }
  }
  const remove = async ({ id: which, file_name }: Attachment) => {
    try {
      await api('DELETE', `${path}/${which}`)
      done(t('disputes.file_deleted', { name: file_name }), () =>
        api('POST', `${path}/${which}/restore`).then(again),
      )
      await again()
    } catch (error) {
      failed(error)
    }
  }
  const mayAdd = can(me, 'receivables.write')
  return (
    <Stack gap="sm">
      {mayAdd && <Drop onFiles={(list) => void Promise.all(list.map(send))} />}
      {uploads.length > 0 && (
        <ul className={classes.list} aria-live="polite">
          {uploads.map((upload) => (
            <li key={upload.key} className={classes.upload}>
              {upload.problem ? (
                <Group gap="xs" justify="space-between" wrap="nowrap">
                  <Text size="sm" c="red" role="alert">
                    {t('disputes.file_failed', { name: upload.name })}. {upload.problem}
                  </Text>
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    onClick={() => setUploads((all) => all.filter(({ key }) => key !== upload.key))}
                  >
                    {t('core.close')}
                  </Button>
                </Group>
              ) : (
                <Sending upload={upload} />
              )}
            </li>
          ))}
        </ul>
      )}
      <Loaded query={files} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('disputes.files_none')}</Text>
          ) : (
            <ul className={classes.list}>
              {items.map((file) => (
                <File
                  key={file.id}
                  file={file}
                  named={props.related ?? false}
                  onShow={() => setShown(file)}
                  onDelete={file.is_own && mayAdd ? () => remove(file) : undefined}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      {shown && <Preview file={shown} onClose={() => setShown(null)} />}
    </Stack>
  )
}

function Sending({ upload }: { upload: Upload }) {
  const format = useFormat()
  const words = t('disputes.file_uploading', { name: upload.name, percent: format.percent(upload.share) })
  return (
    <>
      <Text size="sm">{words}</Text>
      <Progress value={upload.share * 100} aria-label={words} mt={4} />
    </>
  )
}

const icons: Record<string, typeof IconFile> = { pdf: IconFileTypePdf, image: IconPhoto }

function File({
  file,
  named,
  onShow,
  onDelete,
}: {
  file: Attachment
  /** Says what it is on. */
  named: boolean
  onShow: () => void
  onDelete: (() => void) | undefined
}) {
  const format = useFormat()
  const Icon = icons[file.preview ?? ''] ?? IconFile
  return (
    <li className={classes.file}>
      <Icon size={20} stroke={1.6} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        {file.preview ? (
          <button
            type="button"
            className={classes.name}
            onClick={onShow}
            aria-label={t('disputes.file_show', { name: file.file_name })}
          >
            {file.file_name}
          </button>
        ) : (
          <span className={classes.plain}>{file.file_name}</span>
        )}
        <Text size="xs" c="dimmed">
          {[sizeOf(file.size, format), file.user?.full_name, format.instant(file.created_at)]
            .filter(Boolean)
            .join(' · ')}
          {named && file.about && file.invoice_id && (
            <>
              {' · '}
              <TextLink to={`/receivables/invoices/${file.invoice_id}`} underline="always" inherit>
                {file.about}
              </TextLink>
            </>
          )}
        </Text>
      </div>
      <ActionIcon
        component="a"
        variant="subtle"
        size="lg"
        href={`${path}/${file.id}/content`}
        download
        aria-label={t('disputes.file_save', { name: file.file_name })}
      >
        <IconDownload size={18} aria-hidden />
      </ActionIcon>
      {onDelete && (
        <ActionIcon
          variant="subtle"
          color="red"
          size="lg"
          onClick={onDelete}
          aria-label={t('disputes.file_delete', { name: file.file_name })}
        >
          <IconTrash size={18} aria-hidden />
        </ActionIcon>
      )}
    </li>
  )
}

function sizeOf(bytes: number, format: ReturnType<typeof useFormat>) {
  return bytes < 1024 * 1024
    ? `${format.number(Math.max(1, Math.round(bytes / 1024)))} KB`
    : `${format.number(Math.round((bytes / 1024 / 1024) * 10) / 10)} MB`
}

/** As the server found it to be, in a frame that may do nothing. */
function Preview({ file, onClose }: { file: Attachment; onClose: () => void }) {
  const source = withQuery(`${path}/${file.id}/content`, { inline: true })
  return (
    <Modal opened onClose={onClose} title={file.file_name} size="xl">
      {file.preview === 'image' ? (
        <img src={source} alt={file.file_name} className={classes.image} />
      ) : (
        <iframe src={source} title={file.file_name} className={classes.frame} />
      )}
      <Group justify="flex-end" mt="md">
        <Button
          component="a"
          variant="default"
          href={`${path}/${file.id}/content`}
          download
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t('disputes.file_save_short')}
        </Button>
      </Group>
    </Modal>
  )
}

/** A field with a large target; files are also pasted anywhere on the page, unless somebody types. */
function Drop({ onFiles }: { onFiles: (files: File[]) => void }) {
  const id = useId()
  const [over, setOver] = useState(false)
  const latest = useRef(onFiles)
  latest.current = onFiles
  const take = (list: FileList | null | undefined) => {
    const found = [...(list ?? [])]
    if (found.length > 0) latest.current(found)
  }
  const field = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (!event.clipboardData?.files.length) return
      // Of several places for files the one in the dialog is meant.
      const dialog = document.querySelector('[role=dialog][aria-modal=true]')
      if (dialog && !dialog.contains(field.current)) return
      event.preventDefault()
      const found = [...event.clipboardData.files]
      latest.current(found)
    }
    addEventListener('paste', onPaste)
    return () => removeEventListener('paste', onPaste)
  }, [])
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an addition; the field inside works without it
    <div
      ref={field}
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer.files)
      }}
    >
      <input
        id={id}
        type="file"
        multiple
        accept={accept}
        className={classes.input}
        aria-describedby={`${id}-hint`}
        onChange={(event) => {
          take(event.currentTarget.files)
          event.currentTarget.value = ''
        }}
      />
      <label htmlFor={id} className={classes.label}>
        <IconPaperclip size={20} stroke={1.6} aria-hidden />
        <span>
          <span className={classes.main}>{t('disputes.files_drop')}</span>
          <Text component="span" size="xs" c="dimmed" id={`${id}-hint`} display="block">
            {t('disputes.files_hint')}
          </Text>
        </span>
      </label>
    </div>
  )
}
