// The shapes on the wire are the server's own schemas; only their types reach the page.
import type { z } from 'zod'
import type * as attachments from '../server/modules/attachments/schemas.ts'
import type * as disputes from '../server/modules/collections/disputes/schemas.ts'
import type * as dunning from '../server/modules/collections/dunning/schemas.ts'
import type * as prediction from '../server/modules/collections/prediction/schemas.ts'
import type * as promises from '../server/modules/collections/promises/schemas.ts'
import type * as collections from '../server/modules/collections/schemas.ts'
import type * as worklist from '../server/modules/collections/worklist/schemas.ts'
import type * as sendingRules from '../server/modules/communications/gates/schemas.ts'
import type * as communications from '../server/modules/communications/schemas.ts'
import type * as templates from '../server/modules/communications/templates/schemas.ts'
import type * as reminders from '../server/modules/debtors/reminders/schemas.ts'
import type * as debtors from '../server/modules/debtors/schemas.ts'
import type * as identity from '../server/modules/identity/schemas.ts'
import type * as imports from '../server/modules/imports/schemas.ts'
import type * as insights from '../server/modules/insights/schemas.ts'
import type * as notifications from '../server/modules/notifications/schemas.ts'
import type * as outstanding from '../server/modules/outstanding/schemas.ts'
import type * as portal from '../server/modules/portal/schemas.ts'
import type * as cash from '../server/modules/receivables/cash/schemas.ts'
import type * as inbox from '../server/modules/receivables/inbox/schemas.ts'
import type * as receivables from '../server/modules/receivables/schemas.ts'
import type * as team from '../server/modules/receivables/team/schemas.ts'
import type * as tenancy from '../server/modules/tenancy/schemas.ts'
import type * as views from '../server/modules/views/schemas.ts'

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
  subject_id: number | null
  data: Record<string, unknown> | null
  user: { id: number; full_name: string } | null
  at: string
  request_id: string | null
}

export type ImportRow = z.infer<typeof imports.Imports>['items'][number]
export type ImportDetails = z.infer<typeof imports.Import>
export type ImportTakenIn = z.infer<typeof imports.TakenIn>
export type ImportReject = ImportDetails['rejects'][number]
export type ImportQuestion = ImportDetails['questions'][number]
export type ImportOutcome = (typeof imports.outcomes)[number]
export type ImportKind = (typeof imports.kinds)[number]
export type ImportRevision = z.input<typeof imports.Revision>
export type ImportCorrection = NonNullable<ImportRevision['corrections']>[number]
export type ImportLine = z.infer<typeof imports.ImportRows>['items'][number]
export type ImportTouched = z.infer<typeof imports.Touched>['items'][number]
export type ImportSource = z.infer<typeof imports.Sources>['items'][number]
export type MissingPage = z.infer<typeof imports.MissingInvoices>
export type MissingInvoice = z.infer<typeof imports.MissingInvoices>['items'][number]

export type Ageing = z.infer<typeof receivables.Ageing>
export type AgeingGroup = Ageing['groups'][number]
export type AgeingBucket = AgeingGroup['buckets'][number]
export type Invoice = z.infer<typeof receivables.Invoice>
export type InvoicePage = z.infer<typeof receivables.Invoices>
export type InvoiceDetails = z.infer<typeof receivables.InvoiceDetails>
export type Comment = z.infer<typeof receivables.Comment>
export type Timeline = z.infer<typeof receivables.Timeline>
export type Assigned = z.infer<typeof receivables.Assigned>
export type AssignedInvoice = z.infer<typeof receivables.AssignedInvoice>
export type Assignee = z.infer<typeof receivables.Assignees>['items'][number]
export type Customer = z.infer<typeof receivables.Customer>
export type CustomerPage = z.infer<typeof receivables.Customers>
export type CustomerDetails = z.infer<typeof receivables.CustomerDetails>

export type Dispute = z.infer<typeof disputes.Dispute>
export type DisputeDetails = Omit<z.infer<typeof disputes.DisputeDetails>, 'id' | 'version'> & {
  id: number
  version: number
}
export type DisputePage = z.infer<typeof disputes.Disputes>
export type DisputeReason = z.infer<typeof disputes.Reason>
export type DisputeComment = z.infer<typeof disputes.DisputeComment>
export type DisputesOpened = z.infer<typeof disputes.Opened>
export type DisputesUndone = z.infer<typeof disputes.OpenedUndone>
export type DisputeReport = z.infer<typeof disputes.DisputeReport>
export type Attachment = z.infer<typeof attachments.Attachment>
export type Payment = z.infer<typeof cash.Payment>
export type PaymentPage = z.infer<typeof cash.Payments>
export type PaymentDetails = z.infer<typeof cash.PaymentDetails>
export type Allocation = z.infer<typeof cash.Allocation>
export type CreditPage = z.infer<typeof cash.Credits>
export type WriteOff = z.infer<typeof cash.WriteOff>
export type WriteOffPage = z.infer<typeof cash.WriteOffs>
export type WriteOffPolicy = z.infer<typeof cash.WriteOffPolicy>
export type RemittanceProposal = z.infer<typeof cash.RemittanceProposal>
export type Contact = z.infer<typeof collections.Contact>
export type Promised = promises.Promised
export type PromisePage = promises.PromisePage
export type PromiseDetails = promises.PromiseDetails
export type PromiseRates = promises.PromiseRates

export type DunningPolicy = dunning.DunningPolicy
export type DunningPolicyInput = z.input<typeof dunning.DunningPolicyInput>
export type DunningPolicies = z.infer<typeof dunning.DunningPolicies>
export type DryRun = z.infer<typeof dunning.DryRun>
export type DunningLine = dunning.DunningLine
export type DunningMessage = dunning.DunningMessage
export type DunningMessagePage = z.infer<typeof dunning.DunningMessages>
export type DunningMessageDetails = dunning.DunningMessageDetails
export type DunningDecided = z.infer<typeof dunning.Decided>
export type DunningBlock = dunning.DunningBlock
export type CustomerDunning = dunning.CustomerDunning
export type DeadAddress = z.infer<typeof dunning.DeadAddress>
export type OutstandingDashboard = z.infer<typeof outstanding.Dashboard>
export type OutstandingChoices = z.infer<typeof outstanding.Choices>
export type EngineerProposals = z.infer<typeof outstanding.Proposals>
export type ProposalsAccepted = z.infer<typeof outstanding.ProposalsAccepted>
export type SheetCustomer = outstanding.SheetCustomer
export type SheetInvoice = SheetCustomer['invoices'][number]
export type TrackedMonth = z.infer<typeof outstanding.InvoiceTracker>[number]
export type Attempt = z.infer<typeof collections.Attempt>
export type Task = z.infer<typeof collections.Task>
export type TaskPage = z.infer<typeof collections.Tasks>
export type Member = z.infer<typeof receivables.Members>['items'][number]
export type CommentVersion = z.infer<typeof receivables.CommentHistory>['items'][number]
export type TeamLoads = z.infer<typeof team.Team>
export type Rule = z.infer<typeof team.Rule>
export type Applied = z.infer<typeof team.Applied>
export type Absence = z.infer<typeof team.Absence>
export type AssignedCustomer = z.infer<typeof team.AssignedCustomer>
export type AssignedCustomers = z.infer<typeof team.AssignedCustomers>
export type AssignmentUndone = z.infer<typeof team.AssignmentUndone>
export type Inbox = z.infer<typeof inbox.Inbox>
export type InboxItem = Inbox['items'][number]
export type Told = z.infer<typeof notifications.Notification>
export type ToldPage = z.infer<typeof notifications.Notifications>
export type NotificationPreferences = z.infer<typeof notifications.Preferences>
export type Worklist = z.infer<typeof worklist.Worklist>
export type WorklistItem = worklist.WorklistItem
export type Forecast = z.infer<typeof prediction.Forecast>
export type PredictionQuality = z.infer<typeof prediction.PredictionQuality>
export type Metrics = insights.Metrics
export type Series = insights.Series
export type Why = insights.Why
export type WhyRows = z.infer<typeof insights.WhyRows>
export type WhyRow = WhyRows['items'][number]
export type RollRates = z.infer<typeof insights.RollRates>
export type AtRisk = z.infer<typeof insights.AtRisk>
export type Debtors = z.infer<typeof insights.Debtors>
export type PromisesKept = z.infer<typeof insights.PromisesKept>
export type TeamFigures = z.infer<typeof insights.Team>
export type Collectors = z.infer<typeof insights.Collectors>
export type Mine = z.infer<typeof insights.Mine>
export type RatePage = z.infer<typeof insights.Rates>
export type RateRow = RatePage['items'][number]
export type RatesSet = z.infer<typeof insights.RatesSet>
export type ReportSchedule = z.infer<typeof insights.Schedule>
export type Pack = z.infer<typeof insights.Pack>

export type PortalPage = portal.PortalPage
export type PortalItem = portal.PortalItem
export type StatementLink = z.infer<typeof portal.StatementLink>
export type LinkMade = z.infer<typeof portal.LinkMade>
export type View = views.View
export type Found = z.infer<typeof receivables.Found>

export type Message = communications.MessageView
export type MessagePage = z.infer<typeof communications.Messages>
export type MessageDetails = communications.MessageWhole
export type Resent = z.infer<typeof communications.Resent>
export type Suppression = communications.Suppression
export type Channel = communications.ChannelView
export type ChannelTested = z.infer<typeof communications.ChannelTested>
export type SendingRules = sendingRules.SendingRules
export type MessageTemplate = templates.Template
export type MessageTemplates = z.infer<typeof templates.Templates>
export type ReminderDryRun = z.infer<typeof reminders.DryRun>
export type ReminderPreview = z.infer<typeof reminders.Preview>
export type ReminderTest = z.infer<typeof reminders.TestResult>
export type CampaignView = z.infer<typeof reminders.Campaign>
export type CampaignPage = z.infer<typeof reminders.Campaigns>
export type CampaignMember = z.infer<typeof reminders.Member>
export type CampaignMembers = z.infer<typeof reminders.Members>
export type Escalation = z.infer<typeof reminders.Escalation>
export type EscalationStep = Escalation['steps'][number]
export type ListedPharmacy = z.infer<typeof debtors.ListedPharmacy>
export type Pharmacy = z.infer<typeof debtors.Pharmacy>
export type PharmacyInput = z.input<typeof debtors.PharmacyInput>
export type Debtor = debtors.DetailedDebtor
export type DebtorList = { debtors: Debtor[]; total: number; page: number; per_page: number; pages: number }
export type DebtorStatistics = z.infer<typeof debtors.Statistics>
export type DebtorDetails = z.infer<typeof debtors.DebtorPage>
export type DebtorContacts = z.input<typeof debtors.ContactChanges>
export type DebtorReport = debtors.Report
export type DebtorReportDetails = z.infer<typeof debtors.ReportDetails>
export type DebtorReportLine = z.infer<typeof debtors.ReportLine>
export type DebtorCheck = z.infer<typeof debtors.Check>
export type DebtorChange = z.infer<typeof debtors.Change>
export type ColumnMeaning = z.infer<typeof debtors.ColumnMeaning>
export type UploadedReport = z.infer<typeof debtors.UploadAnswer>
