import type { KyselyPlugin, QueryId } from 'kysely'
import {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  ColumnNode,
  IdentifierNode,
  type InsertQueryNode,
  type JoinNode,
  OnNode,
  type OperationNode,
  OperationNodeTransformer,
  OperatorNode,
  PrimitiveValueListNode,
  ReferenceNode,
  TableNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
  WhereNode,
} from 'kysely'

/** The name a table goes by in the query, when it is one of the tenant tables. */
function tenantAlias(node: OperationNode, tables: ReadonlySet<string>): string | undefined {
  if (TableNode.is(node)) {
    const name = node.table.identifier.name
    return tables.has(name) ? name : undefined
  }
  if (AliasNode.is(node) && TableNode.is(node.node) && IdentifierNode.is(node.alias)) {
    return tables.has(node.node.table.identifier.name) ? node.alias.name : undefined
  }
  return undefined
}

const isTenant = (alias: string, tenantId: number): OperationNode =>
  BinaryOperationNode.create(
    ReferenceNode.create(ColumnNode.create('tenant_id'), TableNode.create(alias)),
    OperatorNode.create('='),
    ValueNode.create(tenantId),
  )

/** Rows to filter; `using` of a delete and `from` of an update are among them. */
type Filtered = {
  from?: { froms: readonly OperationNode[] }
  using?: { tables: readonly OperationNode[] }
  table?: OperationNode
  where?: WhereNode
  joins?: readonly JoinNode[]
}

class TenantTransformer extends OperationNodeTransformer {
  tables: ReadonlySet<string>
  tenantId: number
  constructor(tables: ReadonlySet<string>, tenantId: number) {
    super()
    this.tables = tables
    this.tenantId = tenantId
  }

  protected override transformNodeImpl<T extends OperationNode>(node: T, queryId: QueryId): T {
    const done = super.transformNodeImpl(node, queryId)
    switch (node.kind) {
      case 'SelectQueryNode':
      case 'UpdateQueryNode':
      case 'DeleteQueryNode':
        return this.filter(done as T & Filtered)
      case 'InsertQueryNode':
        return this.stamp(done as unknown as InsertQueryNode) as unknown as T
      case 'MergeQueryNode':
        throw new Error('merge is not tenant-filtered: write insert … on conflict instead')
      default:
        return done
    }
  }

  filter<T extends OperationNode & Filtered>(node: T): T {
    const sources = [
      ...(node.from?.froms ?? []),
      ...(node.using?.tables ?? []),
      ...(node.table ? [node.table] : []),
    ]
    const conditions = sources
      .map((source) => tenantAlias(source, this.tables))
      .filter((alias) => alias !== undefined)
      .map((alias) => isTenant(alias, this.tenantId))
    // A joined table is filtered in its ON, so that an outer join stays an outer join.
    const joins = node.joins?.map((join) => {
      const alias = tenantAlias(join.table, this.tables)
      if (!alias) return join
      const condition = isTenant(alias, this.tenantId)
      return { ...join, on: OnNode.create(join.on ? AndNode.create(join.on.on, condition) : condition) }
    })
    const where = conditions.reduce<OperationNode | undefined>(
      (all, condition) => (all ? AndNode.create(all, condition) : condition),
      node.where?.where,
    )
    return {
      ...node,
      ...(joins ? { joins } : {}),
      ...(where ? { where: WhereNode.create(where) } : {}),
    }
  }

  stamp(node: InsertQueryNode): InsertQueryNode {
    const table = node.into && tenantAlias(node.into, this.tables)
    if (!table || node.columns?.some((column) => column.column.name === 'tenant_id')) return node
    if (!node.columns || !node.values || !ValuesNode.is(node.values)) {
      throw new Error(`insert into ${table} … select must name tenant_id itself`)
    }
    return {
      ...node,
      columns: [...node.columns, ColumnNode.create('tenant_id')],
      values: ValuesNode.create(
        node.values.values.map((row) =>
          PrimitiveValueListNode.is(row)
            ? PrimitiveValueListNode.create([...row.values, this.tenantId])
            : ValueListNode.create([...row.values, ValueNode.create(this.tenantId)]),
        ),
      ),
    }
  }
}

/**
 * Names tenant_id in every query that a scope builds. It is the second of two walls: the first is row-level security
 * in the database, and each is tested with the other taken away. It is also what routes a query on Citus.
 */
export function tenantFilter(tables: ReadonlySet<string>, tenantId: number): KyselyPlugin {
  const transformer = new TenantTransformer(tables, tenantId)
  return {
    transformQuery: ({ node, queryId }) => transformer.transformNode(node, queryId),
    transformResult: async ({ result }) => result,
  }
}
