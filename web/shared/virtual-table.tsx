import { useWindowVirtualizer } from '@tanstack/react-virtual'
import {
  type Key,
  memo,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { t } from '../i18n.ts'
import shared from './data-table.module.css'
import { Cells, type Column, Foot, type Footer, Head, NarrowSort } from './data-table.tsx'
import { useKey } from './use-key.ts'
import classes from './virtual-table.module.css'

/** Which rows are picked: some of them, or all that the filters find, loaded or not. */
export type Picked = ReadonlySet<number> | 'all'

type Props<Row extends { id: number }> = {
  caption: string
  columns: Column<Row>[]
  /** How many there are, loaded or not. */
  count: number
  /** Undefined while it is being read. */
  rowAt: (index: number) => Row | undefined
  rowKey: (row: Row) => Key
  /** Called with the rows in view, so that they are read. */
  onRange: (first: number, last: number) => void
  onOpen: (row: Row) => void
  sort?: string | undefined
  onSort?: (sort: string | undefined) => void
  footer?: Footer
  stale?: boolean
  /** Without it rows cannot be picked. */
  picking?: { picked: Picked; onPick: (picked: Picked) => void; label: (row: Row) => string } | undefined
}

const ROW_HEIGHT = 57
const CARD_HEIGHT = 230

/**
 * A list of any length: only the rows in view are there, and the page scrolls as if all were. X picks the row with the
 * focus, Shift+X all from the last one picked. Plain `td`s: components of a kit in every cell scroll at half the rate.
 */
export function VirtualTable<Row extends { id: number }>(props: Props<Row>) {
  const { caption, columns, count, rowAt, rowKey, onRange, onOpen, sort, onSort, footer, stale, picking } =
    props
  const frame = useRef<HTMLDivElement>(null)
  const [offset, setOffset] = useState(0)
  // What stands above may grow and shrink: chips, what was picked.
  useLayoutEffect(() => {
    const top = frame.current?.getBoundingClientRect().top ?? 0
    setOffset(Math.round(top + window.scrollY))
  })
  const narrow = typeof matchMedia === 'function' && matchMedia('(max-width: 48em)').matches
  const rows = useWindowVirtualizer({
    count,
    estimateSize: () => (narrow ? CARD_HEIGHT : ROW_HEIGHT),
    overscan: 12,
    scrollMargin: offset,
  })
  const items = rows.getVirtualItems()
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0]
  useEffect(() => onRange(first, last), [first, last, onRange])

  const anchor = useRef<number | null>(null)
  const { picked, onPick } = picking ?? {}
  const pick = useCallback(
    (index: number, range: boolean) => {
      if (!picked || !onPick) return
      const row = rowAt(index)
      if (!row) return
      const next = new Set(picked === 'all' ? [] : picked)
      const from = range && anchor.current !== null ? anchor.current : index
      const adds = range || !next.has(row.id)
      for (let at = Math.min(from, index); at <= Math.max(from, index); at++) {
        const one = rowAt(at)
        if (one) next[adds ? 'add' : 'delete'](one.id)
      }
      anchor.current = index
      onPick(next)
    },
    [picked, onPick, rowAt],
  )
  useKey(
    'x',
    (event) => {
      const row = document.activeElement?.closest<HTMLElement>('tr[data-index]')
      if (!row || !frame.current?.contains(row)) return
      event.preventDefault()
      pick(Number(row.dataset.index), event.shiftKey)
    },
    picking !== undefined,
  )

  const above = items.length > 0 ? items[0]!.start - offset : 0
  const below = items.length > 0 ? rows.getTotalSize() - (items.at(-1)!.end - offset) : 0
  const pickAll = (className: string | undefined, words?: ReactNode) => (
    <label className={className}>
      <input
        type="checkbox"
        aria-label={t('core.pick_all', { count })}
        checked={picked === 'all'}
        ref={(box) => {
          if (box) box.indeterminate = picked !== 'all' && (picked?.size ?? 0) > 0
        }}
        onChange={() => onPick?.(picked === 'all' ? new Set() : 'all')}
      />
      {words}
    </label>
  )
  const isPicked = (row: Row) => picked === 'all' || (picked?.has(row.id) ?? false)
  return (
    <>
      <NarrowSort columns={columns} sort={sort} onSort={onSort} />
      {picking &&
        pickAll(
          `${classes.check} ${classes.narrowPick}`,
          <span aria-hidden>{t('core.pick_all', { count })}</span>,
        )}
      <div ref={frame} className={`sheet ${shared.frame} ${classes.frame}`} data-stale={stale || undefined}>
        {/* biome-ignore-start lint/a11y/noRedundantRoles: see DataTable */}
        <table className={`${shared.table} ${classes.table}`} role="table" aria-rowcount={count + 1}>
          <caption className={shared.caption}>{caption}</caption>
          <Head
            columns={columns}
            sort={sort}
            onSort={onSort}
            before={
              picking && (
                <th role="columnheader" scope="col" className={classes.pick}>
                  {pickAll(classes.check)}
                </th>
              )
            }
          />
          <tbody role="rowgroup">
            <Space height={above} columns={columns.length + (picking ? 1 : 0)} />
            {items.map(({ index }) => {
              const row = rowAt(index)
              return row ? (
                <TableRow
                  key={rowKey(row)}
                  index={index}
                  row={row}
                  columns={columns as Column<{ id: number }>[]}
                  measure={rows.measureElement}
                  onOpen={onOpen as (row: { id: number }) => void}
                  picked={picking ? isPicked(row) : undefined}
                  pick={pick}
                  label={picking?.label(row)}
                />
              ) : (
                <tr
                  key={`waiting ${index}`}
                  role="row"
                  data-index={index}
                  className={classes.row}
                  ref={rows.measureElement}
                  aria-busy
                >
                  {picking && <td role="cell" className={classes.pick} />}
                  {columns.map((column) => (
                    <td key={column.key} role="cell">
                      <span className={classes.ghost} />
                    </td>
                  ))}
                </tr>
              )
            })}
            <Space height={below} columns={columns.length + (picking ? 1 : 0)} />
          </tbody>
          {footer && footer.length > 0 && (
            <Foot
              columns={columns}
              footer={footer}
              before={picking && <td role="cell" className={classes.pick} />}
            />
          )}
        </table>
        {/* biome-ignore-end lint/a11y/noRedundantRoles: see DataTable */}
      </div>
    </>
  )
}

type RowProps = {
  index: number
  row: { id: number }
  columns: Column<{ id: number }>[]
  measure: (element: HTMLTableRowElement | null) => void
  onOpen: (row: { id: number }) => void
  picked: boolean | undefined
  pick: (index: number, range: boolean) => void
  label: string | undefined
}

const TableRow = memo(function TableRow({
  index,
  row,
  columns,
  measure,
  onOpen,
  picked,
  pick,
  label,
}: RowProps) {
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: see DataTable
    // The keyboard opens the row by the link in it.
    <tr
      ref={measure}
      role="row"
      data-index={index}
      data-band={index % 2 === 1 || undefined}
      aria-rowindex={index + 2}
      data-picked={picked || undefined}
      className={classes.row}
      onClick={(event) => {
        const inside = (event.target as HTMLElement).closest('a, button, input, label')
        if (!inside && !getSelection()?.toString()) onOpen(row)
      }}
    >
      {picked !== undefined && (
        <td role="cell" className={classes.pick}>
          <label className={classes.check}>
            <input
              type="checkbox"
              checked={picked}
              aria-label={label}
              onChange={(event) => pick(index, (event.nativeEvent as MouseEvent).shiftKey)}
            />
          </label>
        </td>
      )}
      <Cells columns={columns} row={row} />
    </tr>
    // biome-ignore-end lint/a11y/noRedundantRoles: see DataTable
  )
})

/** Stands for the rows that are not there. */
function Space({ height, columns }: { height: number; columns: number }): ReactNode {
  if (height <= 0) return null
  return (
    <tr aria-hidden className={classes.space} style={{ height }}>
      <td colSpan={columns} style={{ height }} />
    </tr>
  )
}
