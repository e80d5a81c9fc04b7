import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ClipboardEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { ApiError } from '../api.ts'
import { t } from '../i18n.ts'
import { step } from '../imports/grid-places.ts'
import { useFormat } from '../session.ts'
import { remarkWord } from '../shared/remarks.ts'
import { failed } from '../shared/toast.tsx'
import type { OutstandingChoices, SheetCustomer, SheetInvoice } from '../wire.ts'
import { cellOf, cellsOf, type Edit, type Field, fields, pasted } from './edits.ts'
import { Invoices } from './invoices.tsx'
import { type Option, SheetCell } from './sheet-cell.tsx'
import classes from './sheet-grid.module.css'
import { bands, regionName, wholeMoney } from './words.ts'

type Props = {
  month: string
  rows: SheetCustomer[]
  choices: OutstandingChoices
  stale: boolean
  onApply: (edits: Edit[], message: string) => void
  onUndo: () => void
  onStatus: (customer: SheetCustomer, invoice: SheetInvoice, status: SheetInvoice['status']) => void
}
type Place = { row: number; column: number }

/** The customer, what may be changed, and the figures: so the keys go through all of them. */
const COLUMNS = 1 + fields.length + 1 + bands.length
const ROW_HEIGHT = 47

/**
 * Customers of a month by remark, notes, engineer and age. Arrows move, F2, Enter or a letter edits, Ctrl+V pastes a block of a
 * spreadsheet, Ctrl+Z takes the last step back. Only the rows in view are there.
 */
export function SheetGrid({ month, rows, choices, stale, onApply, onUndo, onStatus }: Props) {
  const format = useFormat()
  const [at, setAt] = useState<Place>({ row: 0, column: 0 })
  const [editing, setEditing] = useState<{ start: string | null } | null>(null)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const frame = useRef<HTMLDivElement>(null)
  const wantsFocus = useRef(false)
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    setOffset(Math.round((frame.current?.getBoundingClientRect().top ?? 0) + window.scrollY))
  })
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: offset,
    getItemKey: (index) => rows[index]!.id,
  })
  const items = virtual.getVirtualItems()
  const here: Place = { row: Math.min(at.row, Math.max(0, rows.length - 1)), column: at.column }
  const fieldAt = (column: number): Field | undefined => fields[column - 1]
  const mayEdit = (field: Field) => (field === 'engineer' ? choices.mayAssign : choices.mayEdit)
  const engineersOf = (row: SheetCustomer): Option[] => [
    { value: '', label: t('outstanding.nobody') },
    ...choices.engineers
      .filter(
        ({ id, region }) =>
          id === row.assignedEngineerId || region === null || row.region === '' || region === row.region,
      )
      .map(({ id, name }) => ({ value: id, label: name })),
  ]
  const remarks: Option[] = choices.remarks.map((value) => ({ value, label: remarkWord(value) }))
  const labels: Record<Field, string> = {
    remark: t('outstanding.remark'),
    notes: t('outstanding.notes'),
    engineer: t('outstanding.engineer'),
  }

  useEffect(() => {
    if (!wantsFocus.current || editing) return
    const cell = frame.current?.querySelector<HTMLElement>('[data-here]')
    if (!cell) return
    wantsFocus.current = false
    cell.focus()
  })

  const go = (place: Place) => {
    wantsFocus.current = true
    setEditing(null)
    setAt(place)
    if (place.row !== here.row) virtual.scrollToIndex(place.row, { align: 'auto' })
  }
  const toggle = (id: string) =>
    setOpen((before) => {
      const next = new Set(before)
      if (!next.delete(id)) next.add(id)
      return next
    })
  const limits = { rows: rows.length, columns: COLUMNS }

  const change = (row: SheetCustomer, field: Field, after: string) => {
    const before = cellOf(row, field)
    if (before !== after)
      onApply(
        [{ customer: row.id, field, before, after }],
        t('outstanding.changed_one', { field: labels[field], customer: row.customerName }),
      )
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (editing) return
    // The fields of opened invoices have keys of their own.
    if ((event.target as HTMLElement).closest('[data-inner]')) return
    const isCommand = event.ctrlKey || event.metaKey
    if (isCommand && event.key.toLowerCase() === 'z') {
      onUndo()
      event.preventDefault()
      return
    }
    if (isCommand || event.altKey) return
    const row = rows[here.row]
    const field = fieldAt(here.column)
    if (!row) return
    if (here.column === 0 && (event.key === 'Enter' || event.key === ' ')) toggle(row.id)
    else if (field && mayEdit(field) && (event.key === 'Enter' || event.key === 'F2'))
      setEditing({ start: null })
    else if (field && mayEdit(field) && (event.key === 'Delete' || event.key === 'Backspace'))
      change(row, field, field === 'remark' ? 'none' : '')
    else if (field === 'notes' && mayEdit(field) && event.key.length === 1 && event.key !== ' ')
      setEditing({ start: event.key })
    else if (event.key === 'PageDown' || event.key === 'PageUp')
      go({
        ...here,
        row: Math.max(0, Math.min(rows.length - 1, here.row + (event.key === 'PageDown' ? 15 : -15))),
      })
    else {
      const next = step(here, event.key, limits)
      if (!next) return
      go(next)
    }
    event.preventDefault()
    event.stopPropagation()
  }

  const onPaste = (event: ClipboardEvent) => {
    if (editing) return
    event.preventDefault()
    const field = fieldAt(here.column)
    if (!field) return failed(new ApiError(400, { detail: t('outstanding.paste_read_only') }))
    const { edits, wrong } = pasted(
      cellsOf(event.clipboardData.getData('text/plain')),
      { row: here.row, field },
      rows,
      {
        mayEdit,
        read,
      },
    )
    if (wrong.length > 0)
      failed(
        new ApiError(400, {
          detail: t('outstanding.paste_wrong', { words: [...new Set(wrong)].slice(0, 5).join(', ') }),
        }),
      )
    onApply(edits, t('outstanding.changed_many', { count: edits.length }))
  }
  const read = (field: Field, text: string): string | undefined => {
    if (field === 'notes') return text.slice(0, 4000)
    const word = text.toLowerCase()
    if (field === 'remark')
      return word === ''
        ? 'none'
        : remarks.find(({ value, label }) => value === word || label.toLowerCase() === word)?.value
    if (word === '') return ''
    const found = choices.engineers.filter(({ name }) => name.toLowerCase() === word)
    return found.length === 1 ? found[0]!.id : undefined
  }
  const onCopy = (event: ClipboardEvent) => {
    if (editing || (window.getSelection()?.toString() ?? '') !== '') return
    const text = frame.current?.querySelector('[data-here]')?.textContent
    if (!text) return
    event.clipboardData.setData('text/plain', text)
    event.preventDefault()
  }

  const above = items.length > 0 ? items[0]!.start - offset : 0
  const below = items.length > 0 ? virtual.getTotalSize() - (items.at(-1)!.end - offset) : 0
  const sum = (read: (row: SheetCustomer) => number) =>
    wholeMoney(format, Math.round(rows.reduce((all, row) => all + read(row), 0) * 100) / 100)
  const figure = (row: number, column: number, text: string) => (
    <td
      key={column}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a cell of a grid that is walked by keys
      role="gridcell"
      aria-readonly
      className={classes.figure}
      tabIndex={here.row === row && here.column === column ? 0 : -1}
      data-here={(here.row === row && here.column === column) || undefined}
      onFocus={() => setAt({ row, column })}
    >
      {text}
    </td>
  )
  return (
    <div className={`sheet ${classes.frame}`} ref={frame} data-stale={stale || undefined}>
      <table
        className={classes.grid}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a grid that is edited, not a table that is read
        role="grid"
        aria-label={t('outstanding.grid', { month })}
        aria-rowcount={rows.length + 1}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        onCopy={onCopy}
      >
        <thead>
          <tr>
            <th scope="col">{t('outstanding.customer')}</th>
            {fields.map((field) => (
              <th scope="col" key={field}>
                {labels[field]}
              </th>
            ))}
            <th scope="col" className={classes.figure}>
              {t('outstanding.amount')}
            </th>
            {bands.map((band) => (
              <th scope="col" key={band} className={classes.figure}>
                {band}
              </th>
            ))}
          </tr>
        </thead>
        <Space height={above} />
        {items.map(({ index }) => {
          const row = rows[index]!
          const isOpen = open.has(row.id)
          return (
            <tbody key={row.id} data-index={index} ref={virtual.measureElement}>
              <tr aria-rowindex={index + 2}>
                <th
                  scope="row"
                  className={classes.customer}
                  tabIndex={here.row === index && here.column === 0 ? 0 : -1}
                  data-here={(here.row === index && here.column === 0) || undefined}
                  aria-expanded={isOpen}
                  onFocus={() => setAt({ row: index, column: 0 })}
                  onClick={() => toggle(row.id)}
                >
                  <div>
                    {isOpen ? (
                      <IconChevronDown size={16} aria-hidden />
                    ) : (
                      <IconChevronRight size={16} aria-hidden />
                    )}
                    <span>
                      {row.customerName}
                      <span className={classes.code}>
                        {row.customerCode} · {regionName(choices, row.region)}
                      </span>
                    </span>
                  </div>
                </th>
                {fields.map((field, place) => {
                  const column = place + 1
                  const isHere = here.row === index && here.column === column
                  return (
                    <SheetCell
                      key={field}
                      label={`${labels[field]}, ${row.customerName}`}
                      value={cellOf(row, field)}
                      options={
                        field === 'remark' ? remarks : field === 'engineer' ? engineersOf(row) : undefined
                      }
                      readOnly={!mayEdit(field)}
                      here={isHere}
                      editing={isHere ? editing : null}
                      onFocus={() => {
                        if (!isHere) setAt({ row: index, column })
                      }}
                      onEdit={() => {
                        setAt({ row: index, column })
                        setEditing({ start: null })
                      }}
                      onLeave={() => {
                        wantsFocus.current = true
                        setEditing(null)
                      }}
                      onCommit={(to, then) => {
                        change(row, field, to)
                        if (then === 'stay') setEditing(null)
                        else if (then === 'down') go(step({ row: index, column }, 'ArrowDown', limits)!)
                        else
                          go(
                            step(
                              { row: index, column },
                              then === 'right' ? 'ArrowRight' : 'ArrowLeft',
                              limits,
                            )!,
                          )
                      }}
                    />
                  )
                })}
                {figure(index, fields.length + 1, wholeMoney(format, row.outstandingAmount))}
                {bands.map((band, place) =>
                  figure(
                    index,
                    fields.length + 2 + place,
                    row.ages[band] === 0 ? '–' : wholeMoney(format, row.ages[band]),
                  ),
                )}
              </tr>
              {isOpen && (
                <tr data-inner>
                  <td colSpan={COLUMNS} className={classes.inner}>
                    <Invoices customer={row} month={month} mayEdit={choices.mayEdit} onStatus={onStatus} />
                  </td>
                </tr>
              )}
            </tbody>
          )
        })}
        <Space height={below} />
        <tfoot>
          <tr>
            <th scope="row" colSpan={1 + fields.length}>
              {t('outstanding.total')}
            </th>
            <td className={classes.figure}>{sum((row) => row.outstandingAmount)}</td>
            {bands.map((band) => (
              <td key={band} className={classes.figure}>
                {sum((row) => row.ages[band])}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  )
}

function Space({ height }: { height: number }) {
  return height <= 0 ? null : (
    <tbody aria-hidden>
      <tr>
        <td colSpan={COLUMNS} style={{ height, padding: 0, border: 0 }} />
      </tr>
    </tbody>
  )
}
