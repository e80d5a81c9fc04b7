import { useEffect, useRef, useState } from 'react'
import { t } from '../i18n.ts'
import classes from './sheet-grid.module.css'

export type Option = { value: string; label: string }
type Then = 'down' | 'right' | 'left' | 'stay'
type Props = {
  label: string
  value: string
  /** A cell to choose in; without it one to write in. */
  options?: readonly Option[] | undefined
  readOnly: boolean
  here: boolean
  editing: { start: string | null } | null
  onFocus: () => void
  onEdit: () => void
  onLeave: () => void
  onCommit: (to: string, then: Then) => void
}

export function SheetCell({ label, value, options, readOnly, here, editing, ...on }: Props) {
  const shown = options ? (options.find((each) => each.value === value)?.label ?? value) : value
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid hears the keys of all its cells
    <td
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a cell of a grid that is edited
      role="gridcell"
      tabIndex={here && !editing ? 0 : -1}
      className={classes.cell}
      data-here={here || undefined}
      data-notes={options ? undefined : true}
      aria-readonly={readOnly || undefined}
      onFocus={on.onFocus}
      onClick={() => !editing && !readOnly && on.onEdit()}
    >
      {editing ? (
        options ? (
          <Choose label={label} value={value} options={options} onLeave={on.onLeave} onCommit={on.onCommit} />
        ) : (
          <Write
            label={label}
            start={editing.start ?? value}
            selected={editing.start === null}
            onLeave={on.onLeave}
            onCommit={on.onCommit}
          />
        )
      ) : shown === '' ? (
        <span className={classes.empty}>
          <span aria-hidden>–</span>
          <span className={classes.hidden}>{t('outstanding.empty_cell')}</span>
        </span>
      ) : (
        <span className={classes.text}>{shown}</span>
      )}
    </td>
  )
}

type EditorProps = Pick<Props, 'label' | 'onLeave' | 'onCommit'>

/** Enter takes it and goes down, Tab goes on, Escape leaves the cell as it was. */
function keys(commit: (then: Then) => void, leave: () => void) {
  return (event: React.KeyboardEvent) => {
    if (event.key === 'Enter') commit('down')
    else if (event.key === 'Tab') commit(event.shiftKey ? 'left' : 'right')
    else if (event.key === 'Escape') leave()
    else {
      // Letters and arrows belong to the field.
      event.stopPropagation()
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }
}

function Write({
  label,
  start,
  selected,
  onLeave,
  onCommit,
}: EditorProps & { start: string; selected: boolean }) {
  const [text, setText] = useState(start)
  const field = useRef<HTMLTextAreaElement>(null)
  const over = useRef(false)
  useEffect(() => {
    field.current?.focus()
    if (selected) field.current?.select()
    else field.current?.setSelectionRange(start.length, start.length)
  }, [selected, start.length])
  const commit = (then: Then) => {
    if (over.current) return
    over.current = true
    onCommit(text.trim(), then)
  }
  return (
    <textarea
      ref={field}
      rows={2}
      className={classes.input}
      aria-label={label}
      maxLength={4000}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => commit('stay')}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={keys(commit, () => {
        over.current = true
        onLeave()
      })}
    />
  )
}

function Choose({
  label,
  value,
  options,
  onLeave,
  onCommit,
}: EditorProps & { value: string; options: readonly Option[] }) {
  const [chosen, setChosen] = useState(value)
  const field = useRef<HTMLSelectElement>(null)
  const over = useRef(false)
  useEffect(() => field.current?.focus(), [])
  const commit = (then: Then) => {
    if (over.current) return
    over.current = true
    onCommit(chosen, then)
  }
  return (
    <select
      ref={field}
      className={classes.input}
      aria-label={label}
      value={chosen}
      onChange={(event) => setChosen(event.currentTarget.value)}
      onBlur={() => commit('stay')}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={keys(commit, () => {
        over.current = true
        onLeave()
      })}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}
