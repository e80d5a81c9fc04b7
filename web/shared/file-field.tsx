import { Text } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { type Ref, useId, useState } from 'react'
import classes from './file-field.module.css'

type Props = {
  onFiles: (files: File[]) => void
  accept: string
  /** What the field is called, and one line more. */
  name: string
  also: string
  multiple?: boolean
  field?: Ref<HTMLInputElement>
}

/** A file field with a large target: click, keyboard, or drop. */
export function FileField({ onFiles, accept, name, also, multiple = false, field }: Props) {
  const [over, setOver] = useState(false)
  const id = useId()
  const take = (list: FileList | null) => {
    const files = [...(list ?? [])].slice(0, multiple ? undefined : 1)
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
        ref={field}
        type="file"
        multiple={multiple}
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
          <span className={classes.main}>{name}</span>
          <Text component="span" size="sm" c="dimmed" id={`${id}-hint`}>
            {also}
          </Text>
        </span>
      </label>
    </div>
  )
}
