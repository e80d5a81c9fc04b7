import { z } from 'zod'
import { country, currency, email, id, name, phone, text, timezone } from '../../core/schema.ts'

export const code = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9-]{1,39}$/, 'Small letters, digits and hyphens, 2 to 40 of them.')

export const NewTenant = z.object({ name, code, currency, timezone, country })
export const Tenant = z.object({
  id: z.number(),
  name: z.string(),
  code: z.string(),
  currency: z.string(),
  timezone: z.string(),
  country: z.string(),
  is_active: z.boolean(),
  is_demo: z.boolean(),
  created_at: z.string(),
})
export const TenantList = z.object({ items: z.array(Tenant) })
export const Entered = z.object({
  access_token: z.string().optional(),
  refresh_token: z.string().optional(),
  token_type: z.literal('bearer').optional(),
  expires_in: z.number().optional(),
  tenant: z.number(),
})

export const Settings = z.object({
  name: z.string(),
  code: z.string(),
  timezone: z.string(),
  currency: z.string(),
  country: z.string(),
  financial_year_start: z.number(),
  ageing_buckets: z.array(z.number()),
  working_days: z.array(z.number()),
  /** What becomes of open invoices that a complete file covers and does not name. */
  missing_rule: z.enum(['settle', 'keep']),
  /** So many days after the promised one money still keeps a promise. */
  promise_tolerance_days: z.number(),
  version: z.number(),
})
export type Settings = z.infer<typeof Settings>
const increasing = (days: number[]) => days.every((day, index) => index === 0 || day > days[index - 1]!)
export const SettingsInput = z.object({
  name,
  code,
  timezone,
  currency,
  country,
  financial_year_start: z.number().int().min(1).max(12),
  ageing_buckets: z
    .array(z.number().int().min(1).max(3650))
    .min(1, 'At least one edge.')
    .max(12, 'At most twelve edges.')
    .refine(increasing, 'The days must rise, such as 30, 60, 90, 120.'),
  working_days: z
    .array(z.number().int().min(1).max(7))
    .min(1, 'At least one working day.')
    .max(7)
    .transform((days) => [...new Set(days)].sort()),
  missing_rule: z.enum(['settle', 'keep']).optional(),
  promise_tolerance_days: z.number().int().min(0).max(60).optional(),
})

export const Region = z.object({
  id: z.number(),
  code: z.string(),
  name: z.string(),
  is_active: z.boolean(),
  version: z.number(),
})
export const RegionInput = z.object({
  name: text(120, 1),
  code: text(60, 1).optional(),
  is_active: z.boolean().optional(),
})
export const Department = z.object({
  id: z.number(),
  name: z.string(),
  is_active: z.boolean(),
  version: z.number(),
})
export const DepartmentInput = z.object({ name: text(120, 1), is_active: z.boolean().optional() })
export const Outlet = z.object({
  id: z.number(),
  code: z.string().nullable(),
  name: z.string(),
  kind: z.string(),
  region_id: z.number().nullable(),
  address: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  is_active: z.boolean(),
  version: z.number(),
})
export const OutletInput = z.object({
  name,
  code: text(60, 1).nullish(),
  kind: z.enum(['store', 'campus', 'pop-up', 'partner', 'pharmacy', 'office']).default('store'),
  region_id: id.nullish(),
  address: text(500).nullish(),
  email: email.nullish(),
  phone: phone.nullish(),
  is_active: z.boolean().optional(),
})
