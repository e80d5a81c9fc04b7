// The shapes on the wire are the server's own schemas; only their types reach the page.
import type { z } from 'zod'
import type * as identity from '../server/modules/identity/schemas.ts'
import type * as tenancy from '../server/modules/tenancy/schemas.ts'

export type Me = identity.Me
export type SignInOptions = z.infer<typeof identity.SessionOptions>
export type Session = z.infer<typeof identity.SessionList>['items'][number]
export type ApiKey = z.infer<typeof identity.ApiKey>
export type Invited = z.infer<typeof identity.InvitationRead>

export type AdminUser = identity.AdminUser
export type AdminUserChanges = z.input<typeof identity.AdminUserChanges>
export type NewInvitation = z.input<typeof identity.NewInvitation>
export type InvitationMade = z.infer<typeof identity.InvitationMade>
export type Invitation = z.infer<typeof identity.InvitationList>['items'][number]
export type JoinRequest = z.infer<typeof identity.JoinRequestList>['items'][number]
export type Role = identity.Role
export type RoleMatrix = z.infer<typeof identity.RoleMatrix>
export type Permission = RoleMatrix['permissions'][number]
export type RoleInput = z.input<typeof identity.RoleInput>

export type Organisation = tenancy.Settings
export type Region = z.infer<typeof tenancy.Region>
export type Department = z.infer<typeof tenancy.Department>
export type Outlet = z.infer<typeof tenancy.Outlet>
export type TenantRow = z.infer<typeof tenancy.Tenant>

export type Page<Item> = { items: Item[]; total: number; page: number; page_size: number; pages: number }

export type AuditEvent = {
  id: number
  kind: string
  subject: string | null
  subject_id: string | number | null
  data: Record<string, unknown> | null
  user: { id: number; full_name: string | null } | null
  at: string
  request_id: string | null
}

export type Money = { currency: string; amount: number }
export type ImportReject = { row: number; column: string | null; value: string | null; reason: string }
export type ImportReport = {
  import_id: number
  status: string
  as_of: string
  rows: number
  new: number
  changed: number
  unchanged: number
  missing: number
  rejected: number
  totals: Money[]
  warnings: string[]
  rejects: ImportReject[]
}

export type AgeingBucket = {
  bucket: string
  label: string
  from_days: number | null
  to_days: number | null
  amount: number
  count: number
}
export type AgeingGroup = {
  key: string
  label: string
  buckets: AgeingBucket[]
  unapplied: number
  total: number
}
export type Ageing = {
  as_of: string
  basis: 'due' | 'invoice'
  currency: string
  currencies: string[]
  groups: AgeingGroup[]
  totals: { buckets: AgeingBucket[]; unapplied: number; total: number }
}

export type Invoice = {
  id: number
  invoice_number: string
  customer_id: number
  customer_code: string
  customer_name: string
  invoice_date: string | null
  due_date: string | null
  amount: number
  open_amount: number
  currency: string
  days_overdue: number | null
  bucket: string
  status: string
  is_disputed: boolean
}
export type InvoicePage = Page<Invoice> & {
  totals: { currency: string; amount: number; open_amount: number }[]
}

export type ImportRow = {
  id: number
  file_name: string
  as_of: string
  status: string
  rows: number
  new: number
  changed: number
  unchanged: number
  missing: number
  rejected: number
  created_at: string
}
