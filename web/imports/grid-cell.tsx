import { IconAlertTriangle, IconPencil } from '@tabler/icons-react'
import { useEffect, useId, useRef, useState } from 'react'
import { t } from '../i18n.ts'
import type { ImportCorrection } from '../wire.ts'
import classes from './grid.module.css'

type Props = {
  label: string
  value: string
  correction: ImportCorrection | undefined
  problem: string | undefined
  here: boolean
  editing: { start: string | null } | null
  onFocus: () => void
  onEdit: () => void
  /** Leaves the cell as it was. */
  onLeave: () => void
  onCommit: (to: string, then: 'down' | 'next' | 'previous' | 'stay') => void
}

export function GridCell({ label, value, correction, problem, here, editing, ...on }: Props) {
  const id = useId()
  const shown = correction?.to ?? value
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keys of all its cells
    <td
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a cell of a grid that is edited
      role="gridcell"
      tabIndex={here && !editing ? 0 : -1}
      className={classes.cell}
      data-here={here || undefined}
      data-bad={(problem !== undefined && !correction) || undefined}
      data-mended={correction !== undefined || undefined}
      aria-invalid={(problem !== undefined && !correction) || undefined}
      aria-describedby={problem ? id : undefined}
      onFocus={on.onFocus}
      onClick={() => !editing && on.onEdit()}
    >
      {editing ? (
        <Editor
          label={label}
          describedBy={problem ? id : undefined}
          start={editing.start ?? shown}
          selected={editing.start === null}
          onLeave={on.onLeave}
          onCommit={on.onCommit}
        />
      ) : (
        <span className={classes.text}>
          {shown || <span className={classes.empty}>{t('imports.empty_cell')}</span>}
          {correction && <IconPencil size={14} role="img" aria-label={t('imports.cell_mended')} />}
        </span>
      )}
      {problem && (
        <span className={classes.reason} id={id} data-mended={correction !== undefined || undefined}>
          <IconAlertTriangle size={14} aria-hidden /> {problem}
        </span>
      )}
    </td>
  )
}

type EditorProps = Pick<Props, 'label' | 'onLeave' | 'onCommit'> & {
  describedBy: string | undefined
  start: string
  selected: boolean
}

function Editor({ label, describedBy, start, selected, onLeave, onCommit }: EditorProps) {
  const [text, setText] = useState(start)
  const field = useRef<HTMLInputElement>(null)
  const over = useRef(false)
  useEffect(() => {
    field.current?.focus()
    if (selected) field.current?.select()
  }, [selected])
  const commit = (then: 'down' | 'next' | 'previous' | 'stay') => {
    if (over.current) return
    over.current = true
    onCommit(text, then)
  }
  return (
    <input
      ref={field}
      className={classes.input}
      aria-label={label}
      aria-describedby={describedBy}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => commit('stay')}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit('down')
        else if (event.key === 'Tab') commit(event.shiftKey ? 'previous' : 'next')
        else if (event.key === 'Escape') {
          over.current = true
          onLeave()
        } else return
        event.preventDefault()
        event.stopPropagation()
      }}
    />
  )
}
