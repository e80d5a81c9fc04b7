import { Text } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { t } from '../i18n.ts'
import classes from './file-drop.module.css'

type Props = { onFiles: (files: File[]) => void; accept: string }

/** A file field with a large target: click, keyboard, or drop; several files are several imports. */
export function FileDrop({ onFiles, accept }: Props) {
  const [over, setOver] = useState(false)
  const id = useId()
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])]
    if (files.length > 0) onFiles(files)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an addition; the field inside works without it
    <div
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
        className={classes.input}
        accept={accept}
        aria-describedby={`${id}-hint`}
        onChange={(event) => {
          take(event.currentTarget.files)
          event.currentTarget.value = ''
        }}
      />
      <label htmlFor={id} className={classes.label}>
        <IconFileUpload size={28} stroke={1.5} aria-hidden />
        <span className={classes.words}>
          <span className={classes.main}>{t('imports.choose')}</span>
          <Text component="span" size="sm" c="dimmed" id={`${id}-hint`}>
            {t('imports.drop')}
          </Text>
        </span>
      </label>
    </div>
  )
}
