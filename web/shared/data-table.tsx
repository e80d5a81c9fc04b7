import { Group, NativeSelect, Pagination, Text } from '@mantine/core'
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react'
import { Fragment, type Key, type ReactNode } from 'react'
import { t } from '../i18n.ts'
import classes from './data-table.module.css'
import { nextSort, sortOf } from './url-filters.ts'

export type Column<Row> = {
  key: string
  header: string
  cell: (row: Row) => ReactNode
  /** Numbers and money stand right, in tabular figures. */
  align?: 'right'
  /** Name to sort by; without it the column does not sort. */
  sort?: string
  /** On a narrow screen the row is a card and this column its heading. */
  title?: boolean
  /** Not shown on the narrow card. */
  wideOnly?: boolean
  width?: string
}

type Sorting = { sort?: string | undefined; onSort?: ((sort: string | undefined) => void) | undefined }
export type Footer = Record<string, ReactNode>[]

type Props<Row> = Sorting & {
  caption: string
  columns: Column<Row>[]
  rows: Row[]
  rowKey: (row: Row) => Key
  /** Totals: one cell per column, or several rows of them. */
  footer?: Footer
  /** While the next page is being read the old one stays, dimmed. */
  stale?: boolean
}

/**
 * A plain table; on narrow screens each row becomes a card. The roles are written out because `display: block` makes
 * browsers forget that a table is one. J and K walk over the elements marked `data-row-link` (shell/keys.ts).
 */
export function DataTable<Row>({ caption, columns, rows, rowKey, sort, onSort, footer, stale }: Props<Row>) {
  return (
    <>
      <NarrowSort columns={columns} sort={sort} onSort={onSort} />
      <div className={`sheet ${classes.frame}`} data-stale={stale || undefined}>
        {/* biome-ignore-start lint/a11y/noRedundantRoles: see above */}
        <table className={classes.table} role="table">
          <caption className={classes.caption}>{caption}</caption>
          <Head columns={columns} sort={sort} onSort={onSort} />
          <tbody role="rowgroup">
            {rows.map((row, index) => (
              <tr key={rowKey(row)} role="row" data-band={index % 2 === 1 || undefined}>
                <Cells columns={columns} row={row} />
              </tr>
            ))}
          </tbody>
          {footer && footer.length > 0 && <Foot columns={columns} footer={footer} />}
        </table>
        {/* biome-ignore-end lint/a11y/noRedundantRoles: see above */}
      </div>
    </>
  )
}

/** Cards have no header to sort by: a field instead. */
export function NarrowSort<Row>({ columns, sort, onSort }: Sorting & { columns: Column<Row>[] }) {
  const sortable = columns.filter((column) => column.sort)
  if (!onSort || sortable.length === 0) return null
  return (
    <NativeSelect
      className={classes.narrowSort}
      label={t('core.sort_by')}
      value={sort ?? ''}
      onChange={(event) => onSort(event.currentTarget.value || undefined)}
      data={[
        { value: '', label: t('core.sort_default') },
        ...sortable.flatMap((column) => [
          { value: column.sort!, label: t('core.sort_ascending', { column: column.header }) },
          { value: `-${column.sort!}`, label: t('core.sort_descending', { column: column.header }) },
        ]),
      ]}
    />
  )
}

export function Head<Row>({
  columns,
  sort,
  onSort,
  before,
}: Sorting & { columns: Column<Row>[]; before?: ReactNode }) {
  const sorted = sortOf(sort)
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: see DataTable
    <thead role="rowgroup">
      <tr role="row">
        {before}
        {columns.map((column) => {
          const direction =
            sorted?.by === column.sort && column.sort
              ? sorted?.descending
                ? 'descending'
                : 'ascending'
              : undefined
          return (
            <th
              key={column.key}
              role="columnheader"
              scope="col"
              data-align={column.align}
              style={column.width ? { width: column.width } : undefined}
              aria-sort={column.sort && onSort ? (direction ?? 'none') : undefined}
            >
              {column.sort && onSort ? (
                <button
                  type="button"
                  className={classes.sort}
                  onClick={() => onSort(nextSort(sort, column.sort!))}
                >
                  {column.header}
                  <SortMark direction={direction} />
                </button>
              ) : (
                column.header
              )}
            </th>
          )
        })}
      </tr>
    </thead>
    // biome-ignore-end lint/a11y/noRedundantRoles: see DataTable
  )
}

export function Cells<Row>({ columns, row }: { columns: Column<Row>[]; row: Row }) {
  return columns.map((column) => (
    <td
      key={column.key}
      // biome-ignore lint/a11y/noRedundantRoles: see DataTable
      role="cell"
      data-align={column.align}
      data-title={column.title || undefined}
      data-wide-only={column.wideOnly || undefined}
    >
      <span className={classes.label} aria-hidden>
        {column.header}
      </span>
      <div className={classes.value}>{column.cell(row)}</div>
    </td>
  ))
}

export function Foot<Row>({
  columns,
  footer,
  before,
}: {
  columns: Column<Row>[]
  footer: Footer
  before?: ReactNode
}) {
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: see DataTable
    <tfoot role="rowgroup">
      {footer.map((cells, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: totals have no identity of their own
        <tr key={line} role="row">
          {before}
          {columns.map((column) => (
            <td
              key={column.key}
              role="cell"
              data-align={column.align}
              data-empty={cells[column.key] === undefined || undefined}
            >
              {cells[column.key] !== undefined && (
                <>
                  <span className={classes.label} aria-hidden>
                    {column.header}
                  </span>
                  <div className={classes.value}>{cells[column.key]}</div>
                </>
              )}
            </td>
          ))}
        </tr>
      ))}
    </tfoot>
    // biome-ignore-end lint/a11y/noRedundantRoles: see DataTable
  )
}

function SortMark({ direction }: { direction: 'ascending' | 'descending' | undefined }) {
  const Mark =
    direction === 'ascending' ? IconArrowUp : direction === 'descending' ? IconArrowDown : IconArrowsSort
  return <Mark size={14} aria-hidden className={direction ? classes.markOn : classes.mark} />
}

type PagerProps = {
  page: number
  pages: number
  total: number
  pageSize: number
  onPage: (page: number) => void
}

/** "1 to 50 of 1,234" and the pages. */
export function Pager({ page, pages, total, pageSize, onPage }: PagerProps) {
  const from = total === 0 ? 0 : (page - 1) * pageSize + 1
  return (
    <Group justify="space-between" mt="md" gap="sm">
      <Text size="sm" c="dimmed" role="status">
        {t('core.rows_of', { from, to: Math.min(page * pageSize, total), total })}
      </Text>
      {pages > 1 && (
        <nav aria-label={t('core.pages')}>
          <Pagination total={pages} value={page} onChange={onPage} siblings={1} />
        </nav>
      )}
    </Group>
  )
}

/** Name and value pairs in two columns, for details. */
export function Facts({ facts }: { facts: [label: string, value: ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([label, value]) => (
        <Fragment key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  )
}
