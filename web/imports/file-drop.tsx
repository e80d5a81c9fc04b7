import { Text } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { t } from '../i18n.ts'
import classes from './file-drop.module.css'

type Props = { file: File | null; onFile: (file: File) => void; accept: string; disabled?: boolean }

/** A file field with a large target: click, keyboard, or drop. */
export function FileDrop({ file, onFile, accept, disabled }: Props) {
  const [over, setOver] = useState(false)
  const id = useId()
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
        const dropped = event.dataTransfer.files[0]
        if (dropped && !disabled) onFile(dropped)
      }}
    >
      <input
        id={id}
        type="file"
        className={classes.input}
        accept={accept}
        disabled={disabled ?? false}
        aria-describedby={`${id}-hint`}
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0]
          if (chosen) onFile(chosen)
          event.currentTarget.value = ''
        }}
      />
      <label htmlFor={id} className={classes.label}>
        <IconFileUpload size={28} stroke={1.5} aria-hidden />
        <span className={classes.words}>
          <span className={classes.main}>{file ? file.name : t('imports.choose')}</span>
          <Text component="span" size="sm" c="dimmed" id={`${id}-hint`}>
            {file ? t('imports.choose_other') : t('imports.drop')}
          </Text>
        </span>
      </label>
    </div>
  )
}
