import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { t } from '../i18n.ts'
import type { ImportCorrection, ImportLine } from '../wire.ts'
import { mended, withCell } from './corrections.ts'
import classes from './grid.module.css'
import { GridCell } from './grid-cell.tsx'
import { badFirst, type Place, step, stepBad } from './grid-places.ts'

type Props = {
  columns: string[]
  rows: ImportLine[]
  corrections: ImportCorrection[]
  onChange: (corrections: ImportCorrection[]) => void
}

/**
 * Rejected rows as the file writes them. Arrows move, Enter, F2 or a letter edits, Tab goes to the next bad cell,
 * Escape leaves the cell as it was. Columns with something bad stand first, so that a phone shows them too.
 */
export function Grid({ columns, rows, corrections, onChange }: Props) {
  const order = badFirst(columns, rows)
  const [at, setAt] = useState<Place>({ row: 0, column: 0 })
  const [editing, setEditing] = useState<{ start: string | null } | null>(null)
  const frame = useRef<HTMLDivElement>(null)
  const wantsFocus = useRef(false)
  const here: Place = {
    row: Math.min(at.row, rows.length - 1),
    column: Math.min(at.column, Math.max(0, order.length - 1)),
  }
  const isBad = (place: Place) =>
    rows[place.row]?.problems.some(({ column }) => column === columns[order[place.column]!]) ?? false

  useEffect(() => {
    if (!wantsFocus.current || editing) return
    wantsFocus.current = false
    frame.current?.querySelector<HTMLElement>('[data-here]')?.focus()
  })

  const go = (place: Place) => {
    wantsFocus.current = true
    setEditing(null)
    setAt(place)
  }
  const limits = { rows: rows.length, columns: order.length }
  const onKeyDown = (event: KeyboardEvent) => {
    if (editing || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter' || event.key === 'F2') setEditing({ start: null })
    else if (event.key.length === 1 && event.key !== ' ') setEditing({ start: event.key })
    else {
      const next =
        event.key === 'Tab'
          ? stepBad(here, event.shiftKey ? -1 : 1, limits, isBad)
          : step(here, event.key, limits)
      if (!next) return
      go(next)
    }
    event.preventDefault()
    event.stopPropagation()
  }
  const commit = (place: Place, from: string, to: string, then: 'down' | 'next' | 'previous' | 'stay') => {
    const row = rows[place.row]!.row
    onChange(withCell(corrections, { row, column: columns[order[place.column]!]!, from, to }))
    if (then === 'stay') {
      setEditing(null)
      return
    }
    const next =
      then === 'down'
        ? step(place, 'ArrowDown', limits)
        : stepBad(place, then === 'next' ? 1 : -1, limits, isBad)
    go(next ?? place)
  }

  return (
    <div className={`sheet ${classes.frame}`} ref={frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid that is edited, not a table that is read */}
      <table className={classes.grid} role="grid" aria-label={t('imports.fix_title')} onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <th scope="col">{t('imports.row')}</th>
            {order.map((place) => (
              <th scope="col" key={place}>
                {columns[place] || '–'}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((line, row) => (
            <tr key={line.row}>
              <th scope="row" className={classes.row}>
                {line.row}
                {line.problems
                  .filter(({ column }) => column === null || !columns.includes(column))
                  .map(({ reason }) => (
                    <span key={reason} className={classes.reason}>
                      {reason}
                    </span>
                  ))}
              </th>
              {order.map((place, column) => {
                const name = columns[place]!
                const value = line.cells?.[place] ?? ''
                const isHere = here.row === row && here.column === column
                return (
                  <GridCell
                    key={place}
                    label={name}
                    value={value}
                    correction={mended(corrections, line.row, name, value)}
                    problem={line.problems.find((problem) => problem.column === name)?.reason}
                    here={isHere}
                    editing={isHere ? editing : null}
                    onFocus={() => {
                      if (!isHere) setAt({ row, column })
                    }}
                    onEdit={() => {
                      setAt({ row, column })
                      setEditing({ start: null })
                    }}
                    onLeave={() => {
                      wantsFocus.current = true
                      setEditing(null)
                    }}
                    onCommit={(to, then) => commit({ row, column }, value, to, then)}
                  />
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
