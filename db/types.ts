import { writeFile } from 'node:fs/promises'
import pg from 'pg'

const scalar: Record<string, string> = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float8: 'number',
  numeric: 'string',
  date: 'string',
  bytea: 'Buffer',
}

/** The row types of every table, written from the catalog: the schema is the one truth, this is its shadow. */
export async function tableTypes(config: pg.ClientConfig): Promise<string> {
  const client = new pg.Client(config)
  await client.connect()
  try {
    const { rows } = await client.query<{
      table: string
      column: string
      type: string
      nullable: boolean
      filled: boolean
    }>(`
      select c.relname as table, a.attname as column, t.typname as type, not a.attnotnull as nullable,
             a.atthasdef or a.attname = 'tenant_id' as filled
        from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
        join pg_type t on t.oid = a.atttypid
       where n.nspname = 'public' and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped
         and c.relname <> 'schema_migrations'
       order by c.relname, a.attnum`)
    const tables = Map.groupBy(rows, (row) => row.table)
    const lines = [...tables].map(([table, columns]) => {
      const fields = columns.map(({ column, type, nullable, filled }) => {
        if (type === 'timestamptz' || type === 'jsonb') {
          const base = type === 'jsonb' ? 'Json' : 'Instant'
          return `    ${column}: ${nullable ? 'Nullable' : filled ? 'Filled' : ''}${base}`
        }
        const base = type.startsWith('_')
          ? `${scalar[type.slice(1)] ?? 'string'}[]`
          : (scalar[type] ?? 'string')
        const whole = nullable ? `${base} | null` : base
        return `    ${column}: ${filled ? `Generated<${whole}>` : whole}`
      })
      return `  ${table}: {\n${fields.join('\n')}\n  }`
    })
    return `// Written by db/types.ts from the migrated schema; do not edit. tenant_id counts as filled: the scope names it.
import type { ColumnType, Generated } from 'kysely'

/** ISO 8601 in UTC when read; a Date or text when written. */
type Instant = ColumnType<string, Date | string, Date | string>
type FilledInstant = ColumnType<string, Date | string | undefined, Date | string>
type NullableInstant = ColumnType<string | null, Date | string | null | undefined, Date | string | null>
/** Read as a value whose shape the owning module knows; written as JSON text. */
type Json = ColumnType<unknown, string, string>
type FilledJson = ColumnType<unknown, string | undefined, string>
type NullableJson = ColumnType<unknown, string | null | undefined, string | null>

export type DB = {
${lines.join('\n')}
}
`
  } finally {
    await client.end()
  }
}

export async function writeTableTypes(config: pg.ClientConfig) {
  await writeFile(new URL('./tables.ts', import.meta.url), await tableTypes(config))
}
