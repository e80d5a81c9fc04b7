import type { Family } from '../../core/errors.ts'
import type { RowAccess } from '../../core/scope.ts'
import { allPermissions, type Permission } from './permissions.ts'

export type RolePreset = {
  code: string
  /** The name on the wire of its family: `Biller`, `Country Manager`, `manager`. */
  name: string
  family: Family
  description: string
  permissions: readonly Permission[]
  row_access: RowAccess
  /** The Django clients decide by these codes. */
  posightful?: string
}

const administer: Permission[] = [
  'users.read',
  'users.write',
  'roles.read',
  'roles.write',
  'settings.read',
  'settings.write',
  'audit.read',
]
const operations: Permission[] = [
  'users.read',
  'users.write',
  'roles.read',
  'audit.read',
  'receivables.read',
  'receivables.write',
  'receivables.import',
  'receivables.assign',
  'receivables.dun',
  'receivables.settle',
  'receivables.write_off_approve',
]
const work: Permission[] = ['receivables.read', 'receivables.write']

/** Every role that the five systems name, and the administrator of ours. Added to each new organisation, editable there. */
export const rolePresets: readonly RolePreset[] = [
  {
    code: 'tenant_admin',
    name: 'Tenant Admin',
    family: 'ours',
    description: 'Administers the organisation and may do everything in it.',
    permissions: allPermissions,
    row_access: 'all',
    posightful: 'ADMIN',
  },
  {
    code: 'director',
    name: 'Director',
    family: 'tracker',
    description: 'High-level dashboards and reports; sees every receivable.',
    permissions: [...operations, 'reports.director'],
    row_access: 'all',
  },
  {
    code: 'operations',
    name: 'Operations',
    family: 'tracker',
    description: 'Oversees billers and collectors, imports, assigns and reviews.',
    permissions: operations,
    row_access: 'all',
  },
  {
    code: 'collector',
    name: 'Collector',
    family: 'tracker',
    description: 'Contacts customers for payment and manages payment disputes.',
    permissions: [...work, 'receivables.settle'],
    row_access: 'assigned',
  },
  {
    code: 'biller',
    name: 'Biller',
    family: 'tracker',
    description: 'Handles invoice accuracy, delivery issues and PO mismatches.',
    permissions: work,
    row_access: 'assigned',
  },
  {
    code: 'outstanding_admin',
    name: 'Admin',
    family: 'outstanding',
    description: 'Administers the organisation and its outstanding sheets.',
    permissions: [
      ...administer,
      'receivables.read',
      'receivables.write',
      'receivables.import',
      'receivables.assign',
      'receivables.dun',
      'receivables.settle',
      'receivables.write_off_approve',
      'reports.director',
    ],
    row_access: 'all',
  },
  {
    code: 'country_manager',
    name: 'Country Manager',
    family: 'outstanding',
    description: 'Sees all regions, uploads the monthly sheet, assigns engineers.',
    permissions: [
      'receivables.read',
      'receivables.write',
      'receivables.import',
      'receivables.assign',
      'receivables.dun',
      'receivables.settle',
      'receivables.write_off_approve',
      'reports.director',
    ],
    row_access: 'all',
  },
  {
    code: 'regional_manager',
    name: 'Manager',
    family: 'outstanding',
    description: 'Manages one region and assigns its engineers.',
    permissions: ['receivables.read', 'receivables.write', 'receivables.assign'],
    row_access: 'region',
  },
  {
    code: 'engineer',
    name: 'Engineer',
    family: 'outstanding',
    description: 'Follows up the customers assigned to them.',
    permissions: work,
    row_access: 'assigned',
  },
  {
    code: 'finsentry_admin',
    name: 'admin',
    family: 'finsentry',
    description: 'Administers the organisation and its vendor invoices.',
    permissions: [...administer, 'payables.read', 'payables.write', 'payables.approve'],
    row_access: 'all',
  },
  {
    code: 'finsentry_manager',
    name: 'manager',
    family: 'finsentry',
    description: 'Approves and rejects vendor invoices.',
    permissions: ['payables.read', 'payables.write', 'payables.approve'],
    row_access: 'all',
  },
  {
    code: 'finsentry_user',
    name: 'user',
    family: 'finsentry',
    description: 'Uploads vendor invoices and corrects what was read.',
    permissions: ['payables.read', 'payables.write'],
    row_access: 'all',
  },
  {
    code: 'ap_approver',
    name: 'AP Approver',
    family: 'ours',
    description: 'Approves vendor invoices for payment.',
    permissions: ['payables.read', 'payables.approve'],
    row_access: 'all',
  },
  {
    code: 'ap_clerk',
    name: 'AP Clerk',
    family: 'ours',
    description: 'Captures vendor invoices and fixes what is doubtful.',
    permissions: ['payables.read', 'payables.write'],
    row_access: 'all',
  },
  {
    code: 'pharmacy_write',
    name: 'Pharmacy Write',
    family: 'debtors',
    description: 'Uploads debtor reports and sends reminders for their outlets.',
    permissions: ['debtors.read', 'debtors.write', 'debtors.send'],
    row_access: 'outlets',
  },
  {
    code: 'pharmacy_read',
    name: 'Pharmacy Read',
    family: 'debtors',
    description: 'Reads the debtors of their outlets.',
    permissions: ['debtors.read'],
    row_access: 'outlets',
  },
  {
    code: 'sales_manager',
    name: 'Sales Manager',
    family: 'posightful',
    description: 'Sees all sales, changes bonus rules and products.',
    permissions: ['sales.read', 'sales.write', 'sales.approve', 'bonuses.read', 'bonuses.write'],
    row_access: 'all',
    posightful: 'MANAGER',
  },
  {
    code: 'accountant',
    name: 'Accountant',
    family: 'posightful',
    description: 'Views and exports bonuses and reports.',
    permissions: ['audit.read', 'sales.read', 'bonuses.read'],
    row_access: 'all',
    posightful: 'ACCOUNTANT',
  },
  {
    code: 'supervisor',
    name: 'Supervisor',
    family: 'posightful',
    description: 'Leads a team of agents.',
    permissions: ['sales.read', 'sales.write', 'sales.approve', 'bonuses.read'],
    row_access: 'team',
    posightful: 'SUPERVISOR',
  },
  {
    code: 'agent',
    name: 'Agent',
    family: 'posightful',
    description: 'Records leads and sees their own bonuses.',
    permissions: ['sales.read', 'sales.write', 'bonuses.read'],
    row_access: 'assigned',
    posightful: 'AGENT',
  },
]

const byCode = new Map(rolePresets.map((preset) => [preset.code, preset]))
export const posightfulCode = (roleCode: string) => byCode.get(roleCode)?.posightful ?? roleCode.toUpperCase()
/** The order in which roles are listed: strongest of each family first. */
export const presetRank = (roleCode: string) => {
  const index = rolePresets.findIndex((preset) => preset.code === roleCode)
  return index < 0 ? rolePresets.length : index
}
