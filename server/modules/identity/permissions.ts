/** Everything a role can allow, by area, in the words of the roles matrix. */
export const permissions = [
  { code: 'users.read', area: 'administration', label: 'See people and invitations' },
  { code: 'users.write', area: 'administration', label: 'Invite, change and remove people' },
  { code: 'roles.read', area: 'administration', label: 'See roles' },
  { code: 'roles.write', area: 'administration', label: 'Change roles' },
  { code: 'settings.read', area: 'administration', label: 'See organisation settings' },
  {
    code: 'settings.write',
    area: 'administration',
    label: 'Change organisation settings, regions, outlets, departments',
  },
  { code: 'audit.read', area: 'administration', label: 'Read the audit trail' },
  { code: 'receivables.read', area: 'receivables', label: 'See customers, invoices and ageing' },
  {
    code: 'receivables.write',
    area: 'receivables',
    label: 'Work invoices: contacts, promises, disputes, comments',
  },
  { code: 'receivables.import', area: 'receivables', label: 'Import receivables' },
  { code: 'receivables.assign', area: 'receivables', label: 'Assign invoices and customers' },
  {
    code: 'receivables.dun',
    area: 'receivables',
    label: 'Prepare and approve reminders, set dunning policies',
  },
  { code: 'receivables.settle', area: 'receivables', label: 'Record payments, credits and write-offs' },
  { code: 'receivables.write_off_approve', area: 'receivables', label: 'Approve write-offs' },
  { code: 'reports.director', area: 'receivables', label: 'See director reports' },
  { code: 'debtors.read', area: 'debtors', label: 'See debtor reports' },
  { code: 'debtors.write', area: 'debtors', label: 'Upload debtor reports' },
  { code: 'debtors.send', area: 'debtors', label: 'Send reminders' },
  { code: 'payables.read', area: 'payables', label: 'See vendor invoices' },
  { code: 'payables.write', area: 'payables', label: 'Upload and correct vendor invoices' },
  { code: 'payables.approve', area: 'payables', label: 'Approve and reject vendor invoices' },
  { code: 'sales.read', area: 'sales', label: 'See leads and conversions' },
  { code: 'sales.write', area: 'sales', label: 'Record leads and conversions' },
  { code: 'sales.approve', area: 'sales', label: 'Manage agents and outlets in sales' },
  { code: 'bonuses.read', area: 'sales', label: 'See bonuses' },
  { code: 'bonuses.write', area: 'sales', label: 'Change bonus rules, run and pay bonuses' },
] as const

export type Permission = (typeof permissions)[number]['code']
export const allPermissions: readonly Permission[] = permissions.map((each) => each.code)
export const isPermission = (code: string): code is Permission => allPermissions.includes(code as Permission)

/** Who can still administer the organisation: the last person with both may not be removed or weakened. */
export const administration: readonly Permission[] = ['users.write', 'roles.write']
