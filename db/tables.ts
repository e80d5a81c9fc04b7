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
  absence_items: {
    tenant_id: Generated<number>
    absence_id: number
    subject: string
    subject_id: number
  }
  absences: {
    tenant_id: Generated<number>
    id: Generated<number>
    user_id: number
    stand_in_id: number
    from_on: string
    until_on: string
    note: string | null
    started_at: NullableInstant
    ended_at: NullableInstant
    cancelled_at: NullableInstant
    version: Generated<number>
    created_by: number | null
    created_at: FilledInstant
  }
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
  assignment_act_items: {
    tenant_id: Generated<number>
    act_id: number
    subject: string
    subject_id: number
    was: number | null
    given_to: number | null
    was_by_hand: Generated<boolean>
  }
  assignment_acts: {
    tenant_id: Generated<number>
    id: Generated<number>
    made_by: number
    made_at: Instant
    undone_at: NullableInstant
  }
  assignment_rule_people: {
    tenant_id: Generated<number>
    rule_id: number
    user_id: number
  }
  assignment_rules: {
    tenant_id: Generated<number>
    id: Generated<number>
    name: string
    position: number
    is_on: Generated<boolean>
    region_id: number | null
    customer_id: number | null
    root_cause: string | null
    currency: string | null
    amount_min: number | null
    amount_max: number | null
    name_from: string | null
    name_to: string | null
    balance: Generated<string>
    whole_customer: Generated<boolean>
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
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
  attempt_invoices: {
    tenant_id: Generated<number>
    attempt_id: number
    invoice_id: number
  }
  campaign_members: {
    tenant_id: Generated<number>
    campaign_id: number
    customer_id: number
    acc_no: string
    name: string
    recipient: string | null
    amount: number
    message_id: number | null
    gate: string | null
    reason: string | null
  }
  campaigns: {
    tenant_id: Generated<number>
    id: Generated<number>
    outlet_id: number
    name: string
    kind: string
    source: string
    filters: FilledJson
    debtor_ids: number[] | null
    resend_of: number | null
    ageing_buckets: string[]
    language: string | null
    subject: string | null
    message: string | null
    state: string
    send_at: NullableInstant
    note: string | null
    created_by: number | null
    created_at: Instant
    started_at: NullableInstant
    version: Generated<number>
  }
  channels: {
    tenant_id: Generated<number>
    id: Generated<number>
    outlet_id: number | null
    kind: string
    provider: string
    settings: FilledJson
    secret: string | null
    secret_names: Generated<string[]>
    webhook_hash: Buffer | null
    concurrency: Generated<number>
    paused_until: NullableInstant
    last_error: string | null
    last_error_at: NullableInstant
    tested_at: NullableInstant
    version: Generated<number>
    created_at: Instant
    updated_at: Instant
  }
  contact_attempts: {
    tenant_id: Generated<number>
    id: Generated<number>
    customer_id: number
    user_id: number
    contact_id: number | null
    channel: string
    outcome: string
    person: string | null
    note: string | null
    attempted_at: Instant
    next_follow_up: string | null
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
  }
  contacts: {
    tenant_id: Generated<number>
    id: Generated<number>
    customer_id: number
    name: string
    role: string | null
    email: string | null
    phone: string | null
    preferred_channel: string | null
    is_main: Generated<boolean>
    note: string | null
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
    deleted_at: NullableInstant
  }
  credentials: {
    user_id: number
    password_hash: string
    password_changed_at: FilledInstant
    totp_secret: string | null
    totp_confirmed_at: NullableInstant
    totp_last_step: number | null
  }
  customer_habits: {
    tenant_id: Generated<number>
    customer_id: number
    log_odds: number
    days_late: number
    recently: number
    ever: number
    invoices: number
    late: number
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
    remark: string | null
    notes: string | null
    region_id: number | null
    department_id: number | null
    search_key: Generated<string>
    email_by_hand: Generated<boolean>
    phone_by_hand: Generated<boolean>
  }
  dead_addresses: {
    tenant_id: Generated<number>
    id: Generated<number>
    address: string
    reason: string
    marked_at: FilledInstant
    marked_by: number | null
    cleared_at: NullableInstant
  }
  debtor_balances: {
    tenant_id: Generated<number>
    outlet_id: number
    report_id: number
    customer_id: number
    row: number
    acc_no: string
    name: string
    name_key: string
    current: number
    d30: number
    d60: number
    d90: number
    d120: number
    d150: number
    d180: number
    balance: number
    arrears: Generated<number>
    email: string | null
    phone: string | null
    stated_email: string | null
    stated_phone: string | null
    is_medical_aid_control: boolean
    is_control: boolean
    read_as_medical_aid: boolean
    sub_of: string | null
    page: number
    line: number
    confidence: string
    notes: Generated<string[]>
    search_key: Generated<string>
  }
  debtor_layouts: {
    tenant_id: Generated<number>
    outlet_id: number
    layout: string
    columns: FilledJson
    last_used_at: Instant
  }
  debtor_report_lines: {
    tenant_id: Generated<number>
    outlet_id: number
    report_id: number
    line: number
    page: number
    text: string
    kind: string
    reason: string | null
    row: number | null
    x0: string
    y0: string
    width: string
    height: string
  }
  debtor_reports: {
    tenant_id: Generated<number>
    outlet_id: number
    id: Generated<number>
    file_sha256: string
    file_name: string
    file_size: number
    mime: string
    status: Generated<string>
    error_code: string | null
    error_message: string | null
    report_date: string | null
    title: string | null
    layout: string | null
    how: string | null
    agrees: boolean | null
    difference: number | null
    checks: FilledJson
    columns: FilledJson
    questions: FilledJson
    pages: FilledJson
    warnings: FilledJson
    total_accounts: Generated<number>
    total_outstanding: Generated<number>
    totals: FilledJson
    previous_id: number | null
    changes: FilledJson
    uploaded_by: number | null
    uploaded_at: Instant
    decided_by: number | null
    decided_at: NullableInstant
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
  dunning_blocks: {
    tenant_id: Generated<number>
    id: Generated<number>
    customer_id: number
    invoice_id: number | null
    until: string
    reason: string
    created_by: number | null
    created_at: FilledInstant
    lifted_at: NullableInstant
    lifted_by: number | null
  }
  dunning_customers: {
    tenant_id: Generated<number>
    customer_id: number
    policy_id: number
  }
  dunning_message_invoices: {
    tenant_id: Generated<number>
    message_id: number
    invoice_id: number
    step: number | null
    amount: number
    days_overdue: number
  }
  dunning_messages: {
    tenant_id: Generated<number>
    id: Generated<number>
    customer_id: number
    currency: string
    policy_id: number
    policy_version: number
    step: number
    channel: string
    language: string
    recipient: string | null
    subject: string
    body: string
    amount: number
    state: Generated<string>
    held_because: string | null
    prepared_on: string
    prepared_at: Instant
    prepared_by: number | null
    decided_at: NullableInstant
    decided_by: number | null
    sent_on: string | null
    sent_at: NullableInstant
    version: Generated<number>
    outgoing_id: number | null
  }
  dunning_policies: {
    tenant_id: Generated<number>
    id: Generated<number>
    name: string
    is_default: Generated<boolean>
    archived_at: NullableInstant
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
  }
  dunning_steps: {
    tenant_id: Generated<number>
    policy_id: number
    version: number
    step: number
    delay_days: number
    gap_days: number
    channel: string
    language: string
    subject: string
    body: string
  }
  escalation_steps: {
    tenant_id: Generated<number>
    outlet_id: number
    bucket: string
    kind: string
    subject: string | null
    message: string | null
    min_amount: Generated<number>
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
    age_band: string | null
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
    as_of_from: string | null
    as_of_proof: string | null
    worker: string | null
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
    invoice_id: number | null
    user_id: number
    body: string
    version: Generated<number>
    created_at: FilledInstant
    edited_at: NullableInstant
    deleted_at: NullableInstant
    customer_id: number | null
    mentions: Generated<number[]>
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
    allocation_id: number | null
    payment_id: number | null
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
    root_cause_by_hand: Generated<boolean>
    by_hand: Generated<boolean>
    unconfirmed: Generated<number>
    contradicted_on: string | null
    stated_disputed: Generated<boolean>
    disputed_by_hand: Generated<number>
    age_band: string | null
    kept_unconfirmed: number | null
    kept_by: number | null
    kept_at: NullableInstant
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
  message_events: {
    tenant_id: Generated<number>
    id: Generated<number>
    message_id: number
    attempt: number
    kind: string
    report_key: string
    detail: string | null
    at: Instant
    received_at: Instant
  }
  message_templates: {
    tenant_id: Generated<number>
    id: Generated<number>
    outlet_id: number | null
    purpose: string
    kind: string
    language: string
    subject: Generated<string>
    body: string
    updated_by: number | null
    created_at: Instant
    updated_at: Instant
    version: Generated<number>
  }
  messages: {
    tenant_id: Generated<number>
    id: Generated<number>
    dedupe_key: string
    kind: string
    purpose: string
    campaign_id: number | null
    outlet_id: number | null
    customer_id: number | null
    user_id: number | null
    created_by: number | null
    recipient: string
    recipient_name: Generated<string>
    address: string
    subject: string | null
    text: string
    html: string | null
    sealed: string | null
    files: FilledJson
    refusable: Generated<boolean>
    state: string
    reason: string | null
    error: string | null
    send_after: Instant
    lease_until: NullableInstant
    attempts: Generated<number>
    channel_id: number | null
    provider: string | null
    external_id: string | null
    parts: number | null
    cost: number | null
    sent_at: NullableInstant
    delivered_at: NullableInstant
    opened_at: NullableInstant
    created_at: Instant
    updated_at: Instant
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
  notification_preferences: {
    tenant_id: Generated<number>
    user_id: number
    muted: Generated<string[]>
  }
  notifications: {
    tenant_id: Generated<number>
    id: Generated<number>
    user_id: number
    kind: string
    sender_id: number | null
    subject: string
    subject_id: number | null
    customer_id: number | null
    invoice_id: number | null
    text: string
    data: FilledJson
    created_at: FilledInstant
    read_at: NullableInstant
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
  outstanding_balances: {
    tenant_id: Generated<number | null>
    import_id: number | null
    row: number | null
    month: string | null
    financial_year: string | null
    department_id: number | null
    as_of: string | null
    customer_id: number | null
    invoice_id: number | null
    number: string | null
    number_key: string | null
    currency: string | null
    amount: number | null
    open_amount: number | null
    invoice_date: string | null
    age_band: string | null
    region_id: number | null
    region: string | null
  }
  outstanding_sheets: {
    tenant_id: Generated<number>
    import_id: number
    month: string
    financial_year: string
    department_id: number | null
    level: string
  }
  password_resets: {
    token_hash: Buffer
    user_id: number
    created_by: number | null
    created_at: FilledInstant
    expires_at: Instant
    used_at: NullableInstant
  }
  payment_allocations: {
    tenant_id: Generated<number>
    id: Generated<number>
    kind: string
    invoice_id: number
    credit_id: number | null
    payment_id: number | null
    write_off_id: number | null
    amount: number
    said_on: string
    counts_from: string
    created_by: number | null
    created_at: Instant
    reversed_by: number | null
    reversed_at: NullableInstant
    returned_on: string | null
  }
  payments: {
    tenant_id: Generated<number>
    id: Generated<number>
    customer_id: number
    document_id: number
    currency: string
    amount: number
    received_on: string
    method: Generated<string>
    reference: string | null
    note: string | null
    remittance: string | null
    state: Generated<string>
    returned_on: string | null
    reversal_reason: string | null
    created_by: number | null
    created_at: FilledInstant
    reversed_by: number | null
    reversed_at: NullableInstant
    version: Generated<number>
  }
  pharmacies: {
    tenant_id: Generated<number>
    outlet_id: number
    bank_name: string | null
    banking_account: string | null
    medical_aid: Generated<string[]>
    report_id: number | null
    version: Generated<number>
    updated_at: FilledInstant
  }
  prediction_models: {
    tenant_id: Generated<number>
    trained_on: string
    invoices: number
    model: NullableJson
    back_test: NullableJson
    updated_at: Instant
  }
  promise_invoices: {
    tenant_id: Generated<number>
    promise_id: number
    invoice_id: number
    amount: number
    is_active: Generated<boolean>
  }
  promises: {
    tenant_id: Generated<number>
    id: Generated<number>
    customer_id: number
    currency: string
    amount: number
    promised_on: string
    tolerance_days: number
    deadline: Generated<string>
    made_on: string
    made_at: Instant
    made_by: number | null
    note: string | null
    state: Generated<string>
    ended_on: string | null
    ended_at: NullableInstant
    ended_by: number | null
    superseded_by: number | null
    withdrawn_because: string | null
    undone_at: NullableInstant
    level: Generated<number>
    announced: string | null
    version: Generated<number>
    source: Generated<string>
  }
  rates: {
    tenant_id: Generated<number>
    currency: string
    day: string
    rate: string
    source: string | null
    created_by: number | null
    created_at: FilledInstant
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
  report_deliveries: {
    tenant_id: Generated<number>
    pack_id: number
    user_id: number
    mail: Generated<string>
    opened_at: NullableInstant
  }
  report_packs: {
    tenant_id: Generated<number>
    id: Generated<number>
    schedule_id: number | null
    as_of: string
    currency: string
    file_sha256: string
    file_name: string
    file_size: number
    created_by: number | null
    created_at: FilledInstant
  }
  report_schedules: {
    tenant_id: Generated<number>
    id: Generated<number>
    name: string
    every: string
    currency: string | null
    reporting: string | null
    user_ids: number[]
    next_on: string
    is_active: Generated<boolean>
    created_by: number | null
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
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
  sending_rules: {
    tenant_id: Generated<number>
    id: Generated<number>
    outlet_id: number | null
    week: NullableJson
    keeps_holidays: Generated<boolean>
    rest_days: Generated<string[]>
    work_days: Generated<string[]>
    repeat_days: Generated<number>
    language: Generated<string>
    updated_by: number | null
    updated_at: Instant
    version: Generated<number>
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
  statement_links: {
    tenant_id: Generated<number>
    id: Generated<number>
    customer_id: number
    currency: string | null
    note: string | null
    token_hash: Buffer
    created_by: number | null
    created_at: Instant
    expires_at: Instant
    revoked_at: NullableInstant
    revoked_by: number | null
    opened_count: Generated<number>
    last_opened_at: NullableInstant
  }
  suppressions: {
    tenant_id: Generated<number>
    id: Generated<number>
    kind: string
    address: string
    reason: string
    source: Generated<string>
    message_id: number | null
    created_by: number | null
    since: Instant
  }
  tasks: {
    tenant_id: Generated<number>
    id: Generated<number>
    customer_id: number
    invoice_id: number | null
    owner_id: number
    title: string
    note: string | null
    due_on: string
    done_at: NullableInstant
    done_by: number | null
    attempt_id: number | null
    created_by: number | null
    version: Generated<number>
    created_at: FilledInstant
    updated_at: FilledInstant
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
    promise_tolerance_days: Generated<number>
    segregation_of_duties: boolean | null
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
  views: {
    tenant_id: Generated<number>
    id: Generated<number>
    user_id: number
    page: string
    name: string
    shared: Generated<boolean>
    query: string
    position: Generated<number>
    deleted_at: NullableInstant
    version: Generated<number>
    created_at: Instant
    updated_at: Instant
  }
  worklist_pauses: {
    tenant_id: Generated<number>
    user_id: number
    customer_id: number
    until_on: string
    kind: string
    reason: string
    created_at: Instant
  }
  worklist_weights: {
    tenant_id: Generated<number>
    weights: FilledJson
    version: Generated<number>
    updated_at: Instant
  }
  write_off_limits: {
    tenant_id: Generated<number>
    role_id: number
    amount: number
    updated_by: number | null
    updated_at: FilledInstant
  }
  write_offs: {
    tenant_id: Generated<number>
    id: Generated<number>
    invoice_id: number
    amount: number
    reason: string
    note: string
    state: string
    written_off_on: string | null
    requested_by: number | null
    requested_at: Instant
    decided_by: number | null
    decided_at: NullableInstant
    decision_note: string | null
    self_approved: Generated<boolean>
    reversed_by: number | null
    reversed_at: NullableInstant
    version: Generated<number>
  }
}
