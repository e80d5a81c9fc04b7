import { z } from 'zod'
import { email, flag, id, phone, text, username } from '../../core/schema.ts'

// What travels: requests and answers of sign-in, profile and the administration of people and roles.

// ---- the documents' doors -------------------------------------------------------------------------------------------

/** Passwords are taken as typed; only their length is bounded here. */
export const secret = z.string().min(1, 'This field may not be blank.').max(1_000)
const identifier = z.string().trim().min(1, 'This field may not be blank.').max(254)
const otp = z.string().trim().max(40).optional()

export const TokenForm = z.object({ username: identifier, password: secret, code: otp })
export const LoginBody = z
  .object({ email: identifier.optional(), username: identifier.optional(), password: secret, code: otp })
  .refine((body) => body.email || body.username, { message: 'Send email or username.', path: ['email'] })

export const TrackerUser = z.object({
  id: z.number(),
  username: z.string(),
  email: z.string(),
  full_name: z.string(),
  roles: z.array(z.string()),
})
export const TokenAnswer = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number(),
  user: TrackerUser,
})
export const OutstandingUser = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.string(),
  department: z.string(),
  region: z.string().nullable(),
})
export const LoginAnswer = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number(),
  token: z.string(),
  user: OutstandingUser,
})
export const RefreshAnswer = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number(),
})
export const MeAnswer = TrackerUser.extend({
  role: z.enum(['user', 'manager', 'admin']),
  is_active: z.boolean(),
  is_verified: z.boolean(),
  created_at: z.string(),
  last_login: z.string().nullable(),
  tenant: z.number().nullable(),
})
export const MeChanges = z.object({
  full_name: text(200).optional(),
  email: email.optional(),
  password: secret.optional(),
  old_password: secret.optional(),
})

const finsentryPassword = z
  .string()
  .min(8, 'The password needs at least 8 characters.')
  .max(100, 'The password may have at most 100 characters.')
  .regex(/\p{Lu}/u, 'The password needs a capital letter.')
  .regex(/\p{Ll}/u, 'The password needs a small letter.')
  .regex(/\d/, 'The password needs a digit.')
export const FinsentryRegistration = z.object({
  email,
  username: username.min(3, 'At least 3 characters.').max(50, 'At most 50 characters.'),
  full_name: text(200).nullish(),
  password: finsentryPassword,
  phone_number: phone.optional(),
  tenant: z.union([z.string().max(60), z.number()]).nullish(),
})

const uzbekPhone = z
  .string()
  .trim()
  .regex(/^(\+998|998)\d{9}$/, 'Phone number must be entered in the format: +998XXXXXXXXX or 998XXXXXXXXX.')
export const PosightfulRegistration = z
  .object({
    username,
    email,
    phone_number: uzbekPhone,
    password: secret,
    password2: secret,
    full_name: text(200).nullish(),
    tenant: z.union([z.string().max(60), z.number()]).nullish(),
  })
  .refine((body) => body.password === body.password2, {
    message: "Password fields didn't match.",
    path: ['password'],
  })
export const PosightfulRole = z.object({
  id: z.number(),
  code: z.string(),
  name: z.string(),
  description: z.string(),
  permissions: z.array(z.string()),
})
export const PosightfulUser = z.object({
  id: z.number(),
  username: z.string(),
  email: z.string(),
  phone_number: z.string().nullable(),
  full_name: z.string(),
  roles: z.array(PosightfulRole),
  user_role: PosightfulRole.nullable(),
  tenant: z.number().nullable(),
  is_active: z.boolean(),
  is_staff: z.boolean(),
  created_at: z.string(),
  agent_code: z.string().nullable(),
  region: z.string().nullable(),
  supervisor: z.string().nullable(),
})
/** The document's version nests the tokens, a later one does not: both are sent. */
export const PosightfulSession = z.object({
  user: PosightfulUser,
  tokens: z.object({ refresh: z.string(), access: z.string() }),
  refresh: z.string(),
  access: z.string(),
  message: z.string(),
})
export const PosightfulLogin = z.object({ username: identifier, password: secret, code: otp })
export const PosightfulPasswordChange = z
  .object({ old_password: secret, new_password: secret, new_password2: secret })
  .refine((body) => body.new_password === body.new_password2, {
    message: "Password fields didn't match.",
    path: ['new_password'],
  })

export const DebtorsLogin = z.object({ username: identifier, password: secret, code: otp })
export const DebtorsSession = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: z.number(),
  user: z.object({
    user_id: z.number(),
    username: z.string(),
    email: z.string(),
    is_admin: z.boolean(),
    is_accounting: z.boolean(),
  }),
})

// ---- users as the AR Tracker and the Outstanding Tracker write them --------------------------------------------------

export const TrackerUserWithState = TrackerUser.extend({ is_active: z.boolean() })
export const TeamUser = TrackerUserWithState.extend({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  region: z.string().nullable(),
  department: z.string().nullable(),
  contact: z.string().nullable(),
})
export const UserListQuery = z.object({
  skip: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  role: z.string().trim().max(60).optional(),
})
const roleNames = z.array(z.string().trim().min(1).max(60)).max(30)
export const NewUserQuery = z.object({
  username: username.optional(),
  email: email.optional(),
  full_name: text(200).optional(),
  password: secret.optional(),
})
/** The original sends the role names as a bare array and the rest in the query; a JSON object is taken as well. */
export const NewUserBody = z.union([
  roleNames,
  z.object({
    username: username.optional(),
    email: email.optional(),
    full_name: text(200).optional(),
    password: secret.optional(),
    role_names: roleNames.optional(),
    roles: roleNames.optional(),
  }),
])
export const UserChangesQuery = z.object({
  email: email.optional(),
  full_name: text(200).optional(),
  password: secret.optional(),
  is_active: flag.optional(),
})
export const UserChangesBody = z
  .union([
    roleNames,
    z.object({
      username: username.optional(),
      email: email.optional(),
      full_name: text(200).optional(),
      password: secret.optional(),
      is_active: z.boolean().optional(),
      role_names: roleNames.optional(),
      roles: roleNames.optional(),
    }),
  ])
  .nullish()
export const DeleteUserQuery = z.object({ reassign_to: id.optional() })

// ---- the web app ----------------------------------------------------------------------------------------------------

export const WebSignIn = z.object({ identifier, password: secret, code: otp })
const TenantOfMe = z.object({
  id: z.number(),
  code: z.string(),
  name: z.string(),
  currency: z.string(),
  timezone: z.string(),
  country: z.string(),
  financial_year_start: z.number(),
  ageing_buckets: z.array(z.number()),
})
export const Me = z.object({
  id: z.number(),
  username: z.string(),
  email: z.string(),
  full_name: z.string(),
  phone_number: z.string().nullable(),
  is_superuser: z.boolean(),
  tenant: TenantOfMe.nullable(),
  tenants: z.array(z.object({ id: z.number(), code: z.string(), name: z.string() })),
  roles: z.array(z.object({ code: z.string(), name: z.string() })),
  permissions: z.array(z.string()),
  second_factor: z.object({ enabled: z.boolean(), required: z.boolean() }),
  csrf_token: z.string(),
  pending: z.enum(['no_organisation', 'second_factor_enrolment']).nullable(),
})
export type Me = z.infer<typeof Me>
/** A client that carries its tokens itself gets those of the organisation it moved to. */
export const MeMaybeTokens = Me.extend({
  access_token: z.string().optional(),
  refresh_token: z.string().optional(),
  token_type: z.literal('bearer').optional(),
  expires_in: z.number().optional(),
})
export type MeMaybeTokens = z.infer<typeof MeMaybeTokens>
export const SessionOptions = z.object({
  signup: z.enum(['request', 'organisation', 'off']),
  demo: z.array(z.object({ identifier: z.string(), password: z.string(), label: z.string() })).nullable(),
})
export const SwitchBody = z.object({ tenant_id: id })

export const Profile = z.object({
  id: z.number(),
  username: z.string(),
  email: z.string(),
  full_name: z.string(),
  phone_number: z.string().nullable(),
})
export const ProfileChanges = z.object({
  full_name: text(200),
  email,
  phone_number: phone.nullish(),
  password: secret.optional(),
})
export const PasswordChange = z.object({ old_password: secret, new_password: secret })
export const SessionList = z.object({
  items: z.array(
    z.object({
      id: z.number(),
      created_at: z.string(),
      last_seen_at: z.string(),
      ip: z.string().nullable(),
      user_agent: z.string().nullable(),
      door: z.string(),
      current: z.boolean(),
    }),
  ),
})
export const CodeBody = z.object({ code: z.string().trim().min(6).max(40) })
export const DisableSecondFactor = z.object({ password: secret, code: z.string().trim().min(6).max(40) })
export const SecondFactorBegun = z.object({ secret: z.string(), otpauth_uri: z.string() })
export const RecoveryCodes = z.object({ recovery_codes: z.array(z.string()) })

export const ApiKey = z.object({
  id: z.number(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.string()),
  created_at: z.string(),
  last_used_at: z.string().nullable(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
})
export const ApiKeyList = z.object({ items: z.array(ApiKey) })
export const NewApiKey = z.object({
  name: text(120, 1),
  scopes: z.array(z.string().max(60)).min(1, 'Choose at least one scope.').max(60),
  expires_at: z.iso.datetime({ offset: true }).nullish(),
})
export const ApiKeyMade = ApiKey.extend({ key: z.string() })

export const ForgotPassword = z.object({ email })
export const ResetPassword = z.object({ token: z.string().max(200), new_password: secret })
export const InvitationParams = z.object({ token: z.string().max(200) })
export const InvitationRead = z.object({
  organisation: z.string(),
  email: z.string(),
  full_name: z.string(),
  has_account: z.boolean(),
})
export const AcceptBody = z.object({ username, full_name: text(200, 1), password: secret }).nullish()
export const JoinBody = z.object({ code: z.string().trim().min(1).max(60) })

// ---- administration -------------------------------------------------------------------------------------------------

const Named = z.object({ id: z.number(), name: z.string() })
export const AdminUser = z.object({
  id: z.number(),
  username: z.string(),
  email: z.string(),
  full_name: z.string(),
  phone_number: z.string().nullable(),
  is_active: z.boolean(),
  roles: z.array(z.object({ code: z.string(), name: z.string() })),
  region: Named.nullable(),
  department: Named.nullable(),
  outlets: z.array(z.object({ outlet_id: z.number(), name: z.string(), can_write: z.boolean() })),
  last_login: z.string().nullable(),
  created_at: z.string(),
  second_factor_enabled: z.boolean(),
  version: z.number(),
})
export type AdminUser = z.infer<typeof AdminUser>
export const AdminUserChanges = z.object({
  full_name: text(200).optional(),
  email: email.optional(),
  username: username.optional(),
  phone_number: phone.nullish(),
  role_codes: z.array(z.string().max(60)).max(30).optional(),
  region_id: id.nullish(),
  department_id: id.nullish(),
  outlets: z
    .array(z.object({ outlet_id: id, can_write: z.boolean() }))
    .max(2_000)
    .optional(),
  is_active: z.boolean().optional(),
})
export const LinkMade = z.object({ link: z.string(), expires_at: z.string() })

export const NewInvitation = z.object({
  email,
  full_name: text(200).optional(),
  role_codes: z.array(z.string().max(60)).min(1, 'Choose at least one role.').max(30),
  region_id: id.nullish(),
  department_id: id.nullish(),
  outlets: z
    .array(z.object({ outlet_id: id, can_write: z.boolean() }))
    .max(2_000)
    .optional(),
})
export const InvitationMade = z.object({
  id: z.number(),
  email: z.string(),
  link: z.string(),
  expires_at: z.string(),
  state: z.string(),
})
export const InvitationList = z.object({
  items: z.array(
    z.object({
      id: z.number(),
      email: z.string(),
      full_name: z.string(),
      created_at: z.string(),
      expires_at: z.string(),
      state: z.string(),
      roles: z.array(z.string()),
      invited_by: z.string().nullable(),
    }),
  ),
})
export const JoinRequestList = z.object({
  items: z.array(
    z.object({
      id: z.number(),
      state: z.string(),
      requested_at: z.string(),
      username: z.string(),
      email: z.string(),
      full_name: z.string(),
      phone_number: z.string().nullable(),
    }),
  ),
})
export const ApproveBody = z.object({
  role_codes: z.array(z.string().max(60)).min(1, 'Choose at least one role.').max(30),
})

export const Role = z.object({
  id: z.number(),
  code: z.string(),
  name: z.string(),
  family: z.string(),
  description: z.string(),
  permissions: z.array(z.string()),
  row_access: z.string(),
  requires_second_factor: z.boolean(),
  is_preset: z.boolean(),
  member_count: z.number(),
  version: z.number(),
})
export type Role = z.infer<typeof Role>
export const RoleMatrix = z.object({
  roles: z.array(Role),
  permissions: z.array(z.object({ code: z.string(), area: z.string(), label: z.string() })),
})
export const RoleInput = z.object({
  name: text(60, 1),
  description: text(500).default(''),
  permissions: z.array(z.string().max(60)).max(100),
  row_access: z.enum(['all', 'region', 'team', 'outlets', 'assigned']).default('all'),
  requires_second_factor: z.boolean().default(false),
})
