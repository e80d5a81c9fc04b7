import { outbox } from './outbox.ts'
import type { OpenChannel, Provider } from './provider.ts'
import { sendgrid } from './sendgrid.ts'
import { smsportal } from './smsportal.ts'
import { smtp } from './smtp.ts'

export const providers: Record<OpenChannel['provider'], Provider> = { sendgrid, smsportal, smtp, outbox }
