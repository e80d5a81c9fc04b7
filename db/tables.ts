// Written by db/types.ts from the migrated schema; do not edit. tenant_id counts as filled: the scope names it.
import type { ColumnType, Generated } from 'kysely'

/** ISO 8601 in UTC when read; a Date or text when written. */
type Instant = ColumnType<string, Date | string, Date | string>
/** Written as JSON text, read as a value. */
// biome-ignore lint/suspicious/noExplicitAny: the shape belongs to the module that owns the column.
type Json = ColumnType<any, string, string>

export type DB = {
  api_keys: {
    tenant_id: Generated<number>
    id: Generated<number>
    user_id: number
    name: string
    prefix: string
    key_hash: Buffer
    scopes: string[]
    created_at: Generated<Instant>
    last_used_at: Instant | null
    expires_at: Instant | null
    revoked_at: Instant | null
  }
  credentials: {
    user_id: number
    password_hash: string
    password_changed_at: Generated<Instant>
    totp_secret: string | null
    totp_confirmed_at: Instant | null
    totp_last_step: number | null
  }
  departments: {
    tenant_id: Generated<number>
    id: Generated<number>
    name: string
    name_key: string
    is_active: Generated<boolean>
    version: Generated<number>
    created_at: Generated<Instant>
  }
  events: {
    tenant_id: Generated<number>
    id: Generated<number>
    at: Generated<Instant>
    kind: string
    subject: string
    subject_id: number | null
    user_id: number | null
    data: Generated<Json>
    request_id: string | null
  }
  idempotency_keys: {
    owner: string
    key: string
    fingerprint: string
    status: number | null
    answer: string | null
    created_at: Generated<Instant>
  }
  invitations: {
    tenant_id: Generated<number>
    id: Generated<number>
    email: string
    full_name: Generated<string>
    role_ids: number[]
    region_id: number | null
    department_id: number | null
    outlets: Generated<Json>
    token_hash: Buffer
    invited_by: number
    created_at: Generated<Instant>
    expires_at: Instant
    accepted_at: Instant | null
    accepted_by: number | null
    revoked_at: Instant | null
  }
  join_requests: {
    tenant_id: Generated<number>
    id: Generated<number>
    user_id: number
    state: Generated<string>
    requested_at: Generated<Instant>
    decided_at: Instant | null
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
    joined_at: Generated<Instant>
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
    created_at: Generated<Instant>
    updated_at: Generated<Instant>
  }
  password_resets: {
    token_hash: Buffer
    user_id: number
    created_by: number | null
    created_at: Generated<Instant>
    expires_at: Instant
    used_at: Instant | null
  }
  realtime_tickets: {
    ticket_hash: Buffer
    session_id: number
    expires_at: Instant
  }
  recovery_codes: {
    user_id: number
    code_hash: Buffer
    used_at: Instant | null
  }
  refresh_tokens: {
    token_hash: Buffer
    session_id: number
    created_at: Generated<Instant>
    used_at: Instant | null
  }
  regions: {
    tenant_id: Generated<number>
    id: Generated<number>
    code: string
    name: string
    is_active: Generated<boolean>
    version: Generated<number>
    created_at: Generated<Instant>
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
    created_at: Generated<Instant>
    updated_at: Generated<Instant>
  }
  sessions: {
    id: Generated<number>
    user_id: number
    current_tenant_id: number | null
    door: string
    pending: string | null
    ip: string | null
    user_agent: string | null
    created_at: Generated<Instant>
    last_seen_at: Generated<Instant>
    expires_at: Instant
    ended_at: Instant | null
    ended_because: string | null
  }
  sign_in_failures: {
    key: string
    failures: number
    window_started_at: Instant
    blocked_until: Instant | null
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
    is_active: Generated<boolean>
    version: Generated<number>
    created_at: Generated<Instant>
    updated_at: Generated<Instant>
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
    last_login_at: Instant | null
    deleted_at: Instant | null
    version: Generated<number>
    created_at: Generated<Instant>
    updated_at: Generated<Instant>
  }
}
