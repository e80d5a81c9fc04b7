// Written by db/types.ts from the migrated schema; do not edit. tenant_id counts as filled: the scope names it.
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
  api_keys: {
    tenant_id: Generated<number>
    id: Generated<number>
    user_id: number
    name: string
    prefix: string
    key_hash: Buffer
    scopes: string[]
    created_at: FilledInstant
    last_used_at: NullableInstant
    expires_at: NullableInstant
    revoked_at: NullableInstant
  }
  attachments: {
    tenant_id: Generated<number>
    id: Generated<number>
    subject: string
    subject_id: number
    file_sha256: string
    file_name: string
    size: number
    mime: string
    user_id: number | null
    created_at: Instant
    deleted_at: NullableInstant
    deleted_by: number | null
  }
  credentials: {
    user_id: number
    password_hash: string
    password_changed_at: FilledInstant
    totp_secret: string | null
    totp_confirmed_at: NullableInstant
    totp_last_step: number | null
  }
  customers: {
    tenant_id: Generated<number>
    id: Generated<number>
    outlet_id: number | null
    key: string
    code: string | null
    name: string
    email: string | null
    phone: string | null
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
    retracted: Generated<boolean>
    assigned_to: number | null
  }
  departments: {
    tenant_id: Generated<number>
    id: Generated<number>
    name: string
    name_key: string
    is_active: Generated<boolean>
    version: Generated<number>
    created_at: FilledInstant
  }
  dispute_comments: {
    tenant_id: Generated<number>
    id: Generated<number>
    dispute_id: number
    user_id: number
    body: string
    created_at: Instant
  }
  dispute_intervals: {
    tenant_id: Generated<number>
    id: Generated<number>
    dispute_id: number
    invoice_id: number
    amount: number | null
    opened_on: string
    closed_on: string | null
    opened_at: Instant
    closed_at: NullableInstant
  }
  dispute_reasons: {
    tenant_id: Generated<number>
    id: Generated<number>
    parent_id: number | null
    code: string | null
    name: string
    name_key: string
    owner_id: number | null
    sla_days: Generated<number>
    position: Generated<number>
    is_active: Generated<boolean>
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
  }
  disputes: {
    tenant_id: Generated<number>
    id: Generated<number>
    invoice_id: number
    reason_id: number
    amount: number | null
    opened_amount: number
    line: string | null
    note: string | null
    source: Generated<string>
    state: Generated<string>
    owner_id: number | null
    opened_on: string
    closed_on: string | null
    due_on: string
    waiting_since: string | null
    resolution: string | null
    resolution_note: string | null
    agreed_amount: number | null
    opened_by: number | null
    opened_at: Instant
    closed_by: number | null
    closed_at: NullableInstant
    version: Generated<number>
    updated_at: Instant
  }
  events: {
    tenant_id: Generated<number>
    id: Generated<number>
    at: FilledInstant
    kind: string
    subject: string
    subject_id: number | null
    user_id: number | null
    data: FilledJson
    request_id: string | null
  }
  idempotency_keys: {
    owner: string
    key: string
    fingerprint: string
    status: number | null
    answer: string | null
    created_at: FilledInstant
  }
  import_accounts: {
    tenant_id: Generated<number>
    customer_id: number
    import_id: number
    key: string
    code: string | null
    name: string | null
    email: string | null
    phone: string | null
  }
  import_books: {
    tenant_id: Generated<number>
    version: Generated<number>
  }
  import_rows: {
    tenant_id: Generated<number>
    import_id: number
    row: number
    outcome: string
    invoice_id: number | null
    amount: number | null
    open_amount: number | null
    changes: NullableJson
    number: string | null
    problems: NullableJson
    cells: string[] | null
    customer_id: number | null
    number_key: string | null
    currency: string | null
    document_type: string | null
    invoice_date: string | null
    due_date: string | null
    terms_days: number | null
    settled_on: string | null
    is_disputed: boolean | null
    operating_unit: string | null
    region: string | null
    region_id: number | null
    department: string | null
    outlet: string | null
    outlet_id: number | null
    assigned_to: number | null
    po_number: string | null
    notes: string | null
    root_cause: string | null
    sales_person: string | null
  }
  import_sources: {
    tenant_id: Generated<number>
    id: Generated<number>
    target: string
    key: string
    name: string
    kind: string | null
    mapping: FilledJson
    answers: FilledJson
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
  }
  imports: {
    tenant_id: Generated<number>
    id: Generated<number>
    target: string
    status: string
    file_sha256: string
    file_name: string
    file_size: number
    as_of: string
    mapping: FilledJson
    reading: FilledJson
    questions: FilledJson
    coverage: FilledJson
    rows: Generated<number>
    new_count: Generated<number>
    changed_count: Generated<number>
    unchanged_count: Generated<number>
    missing_count: Generated<number>
    rejected_count: Generated<number>
    totals: FilledJson
    warnings: FilledJson
    created_by: number | null
    created_at: FilledInstant
    published_at: NullableInstant
    source_id: number | null
    kind: string | null
    missing_rule: Generated<string>
    said: FilledJson
    problem: string | null
    older_count: Generated<number>
    repeated_count: Generated<number>
    difference: FilledJson
    reconciliation: FilledJson
    heartbeat_at: NullableInstant
    books_version: number | null
    reverted_at: NullableInstant
    reverted_by: number | null
  }
  invitations: {
    tenant_id: Generated<number>
    id: Generated<number>
    email: string
    full_name: Generated<string>
    role_ids: number[]
    region_id: number | null
    department_id: number | null
    outlets: FilledJson
    token_hash: Buffer
    invited_by: number
    created_at: FilledInstant
    expires_at: Instant
    accepted_at: NullableInstant
    accepted_by: number | null
    revoked_at: NullableInstant
  }
  invoice_comments: {
    tenant_id: Generated<number>
    id: Generated<number>
    invoice_id: number
    user_id: number
    body: string
    version: Generated<number>
    created_at: FilledInstant
    edited_at: NullableInstant
    deleted_at: NullableInstant
  }
  invoice_entries: {
    tenant_id: Generated<number>
    id: Generated<number>
    invoice_id: number
    kind: string
    amount: number
    effective_on: string
    effective_after: string | null
    import_id: number | null
    recorded_at: FilledInstant
  }
  invoices: {
    tenant_id: Generated<number>
    id: Generated<number>
    customer_id: number
    number: string
    number_key: string
    document_type: Generated<string>
    currency: string
    amount: number
    open_amount: number
    invoice_date: string | null
    due_date: string | null
    terms_days: number | null
    aged_from: Generated<string | null>
    settled_on: string | null
    is_disputed: Generated<boolean>
    operating_unit: string | null
    po_number: string | null
    notes: string | null
    region_id: number | null
    outlet_id: number | null
    assigned_to: number | null
    region_key: Generated<number>
    assigned_key: Generated<number>
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
    retracted: Generated<boolean>
    source_id: number | null
    region: string | null
    outlet: string | null
    department: string | null
    root_cause: string | null
    sales_person: string | null
    assigned_by_hand: Generated<boolean>
    assigned_on: NullableInstant
    first_on: Generated<string>
    last_on: Generated<string>
    stated_disputed: Generated<boolean>
    disputed_by_hand: Generated<number>
  }
  join_requests: {
    tenant_id: Generated<number>
    id: Generated<number>
    user_id: number
    state: Generated<string>
    requested_at: FilledInstant
    decided_at: NullableInstant
    decided_by: number | null
  }
  membership_roles: {
    tenant_id: Generated<number>
    user_id: number
    role_id: number
  }
  memberships: {
    tenant_id: Generated<number>
    user_id: number
    is_active: Generated<boolean>
    region_id: number | null
    department_id: number | null
    version: Generated<number>
    joined_at: FilledInstant
  }
  missing_decisions: {
    tenant_id: Generated<number>
    import_id: number
    invoice_id: number
    decision: string
    paid_on: string | null
    decided_by: number | null
    decided_at: Instant
  }
  outlet_access: {
    tenant_id: Generated<number>
    user_id: number
    outlet_id: number
    can_read: Generated<boolean>
    can_write: Generated<boolean>
  }
  outlets: {
    tenant_id: Generated<number>
    id: Generated<number>
    code: string | null
    name: string
    kind: Generated<string>
    region_id: number | null
    address: string | null
    email: string | null
    phone: string | null
    is_active: Generated<boolean>
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
  }
  password_resets: {
    token_hash: Buffer
    user_id: number
    created_by: number | null
    created_at: FilledInstant
    expires_at: Instant
    used_at: NullableInstant
  }
  realtime_tickets: {
    ticket_hash: Buffer
    session_id: number
    expires_at: Instant
  }
  recovery_codes: {
    user_id: number
    code_hash: Buffer
    used_at: NullableInstant
  }
  refresh_tokens: {
    token_hash: Buffer
    session_id: number
    created_at: FilledInstant
    used_at: NullableInstant
  }
  regions: {
    tenant_id: Generated<number>
    id: Generated<number>
    code: string
    name: string
    is_active: Generated<boolean>
    version: Generated<number>
    created_at: FilledInstant
  }
  roles: {
    tenant_id: Generated<number>
    id: Generated<number>
    code: string
    name: string
    family: string
    description: Generated<string>
    permissions: Generated<string[]>
    row_access: Generated<string>
    requires_second_factor: Generated<boolean>
    is_preset: Generated<boolean>
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
  }
  sessions: {
    id: Generated<number>
    user_id: number
    current_tenant_id: number | null
    door: string
    ip: string | null
    user_agent: string | null
    created_at: FilledInstant
    last_seen_at: FilledInstant
    expires_at: Instant
    ended_at: NullableInstant
    ended_because: string | null
  }
  sign_in_failures: {
    key: string
    failures: number
    window_started_at: Instant
    blocked_until: NullableInstant
  }
  tenants: {
    id: Generated<number>
    code: string
    name: string
    currency: string
    timezone: string
    country: string
    financial_year_start: Generated<number>
    ageing_buckets: Generated<number[]>
    working_days: Generated<number[]>
    is_demo: Generated<boolean>
    was_demo: Generated<boolean>
    is_active: Generated<boolean>
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
    missing_rule: Generated<string>
  }
  users: {
    id: Generated<number>
    username: string
    email: string
    full_name: Generated<string>
    phone_number: string | null
    is_superuser: Generated<boolean>
    is_active: Generated<boolean>
    is_verified: Generated<boolean>
    last_tenant_id: number | null
    last_login_at: NullableInstant
    deleted_at: NullableInstant
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
  }
}
