export type Message = {
  id: number
  kind: 'email' | 'sms'
  purpose: string
  campaign_id: number | null
  outlet_id: number | null
  outlet_name: string | null
  customer_id: number | null
  customer_name: string | null
  recipient: string
  recipient_name: string
  subject: string | null
  state: string
  reason: string | null
  error: string | null
  parts: number | null
  cost: number | null
  provider: string | null
  send_after: string
  sent_at: string | null
  delivered_at: string | null
  created_at: string
}
