import { Button, Collapse, Group, Textarea } from '@mantine/core'
import { IconClipboardText } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { t } from '../i18n.ts'
import { isTyping } from '../shell/keys.ts'

/** A table from the clipboard as a file: spreadsheets put tabs between cells. */
export const pastedFile = (text: string) =>
  new File([text], 'paste.tsv', { type: 'text/tab-separated-values' })
export const isTable = (text: string) => text.includes('\n') && text.trim().length > 0

/** Paste anywhere on the page, or into the field. */
export function PasteBox({ onFiles }: { onFiles: (files: File[]) => void }) {
  const [open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      if (isTyping(event.target) || !event.clipboardData) return
      const files = [...event.clipboardData.files]
      const pasted = event.clipboardData.getData('text/plain')
      if (isTable(pasted)) onFiles([pastedFile(pasted)])
      else if (files.length > 0) onFiles(files)
      else return
      event.preventDefault()
    }
    document.addEventListener('paste', onPaste)
    return () => document.removeEventListener('paste', onPaste)
  }, [onFiles])
  return (
    <div>
      <Button
        variant="default"
        leftSection={<IconClipboardText size={16} aria-hidden />}
        aria-expanded={open}
        aria-controls="paste"
        onClick={() => {
          setOpen(!open)
          if (!open) setTimeout(() => field.current?.focus())
        }}
      >
        {t('imports.paste')}
      </Button>
      <Collapse expanded={open} id="paste">
        <Textarea
          ref={field}
          mt="sm"
          rows={6}
          label={t('imports.paste_label')}
          description={t('imports.paste_why')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group mt="sm">
          <Button
            disabled={!isTable(text)}
            onClick={() => {
              onFiles([pastedFile(text)])
              setText('')
            }}
          >
            {t('imports.paste_read')}
          </Button>
        </Group>
      </Collapse>
    </div>
  )
}
