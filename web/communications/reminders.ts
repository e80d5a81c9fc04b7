import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import type { CampaignView, ReminderDryRun, ReminderPreview } from '../wire.ts'

export const arrears = ['d60', 'd90', 'd120', 'd150', 'd180'] as const
export const ages = ['current', 'd30', ...arrears] as const

/** Who is chosen, as the address of the composer has it: some debtors, or whoever the filters of the list find. */
export type Choice = { debtor_ids: number[] } | { filters: Record<string, string> }
export type Draft = {
  kind: 'email' | 'sms'
  ageing_buckets: string[]
  language: string | null
  /** Own words of this campaign; null: the template. */
  subject: string | null
  message: string | null
  /** As an instant; null: at once. */
  send_at: string | null
}

export const filterNames = ['search', 'min_balance', 'ageing_buckets', 'has_email', 'has_phone'] as const

export function choiceIn(
  search: { ids?: string } & { [name in (typeof filterNames)[number]]?: string },
): Choice {
  const ids = (search.ids ?? '')
    .split(',')
    .map(Number)
    .filter((id) => Number.isSafeInteger(id) && id > 0)
  if (search.ids !== undefined) return { debtor_ids: [...new Set(ids)] }
  return {
    filters: Object.fromEntries(
      filterNames.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])),
    ),
  }
}

const root = (outlet: string | number) => `/pharmacies/${outlet}`

export function useDryRun(
  outlet: string,
  choice: Choice,
  draft: Draft,
  page: { show?: 'message' | 'left_out'; gate?: string; page?: number; page_size?: number },
  enabled = true,
) {
  const body = { ...draft, ...choice, ...page }
  return useQuery({
    queryKey: ['reminders', 'dry-run', outlet, body],
    queryFn: ({ signal }) =>
      api<ReminderDryRun>('POST', `${root(outlet)}/reminders/dry-run`, { body, signal }),
    placeholderData: keepPreviousData,
    enabled,
    retry: false,
  })
}

export function useReminderPreview(
  outlet: string,
  debtor: number | undefined,
  draft: Omit<Draft, 'send_at'>,
) {
  const { kind, ageing_buckets, language, subject, message } = draft
  const body = { debtor_id: debtor, kind, ageing_buckets, language, subject, message }
  return useQuery({
    queryKey: ['reminders', 'preview', outlet, body],
    queryFn: ({ signal }) =>
      api<ReminderPreview>('POST', `${root(outlet)}/reminders/preview`, { body, signal }),
    placeholderData: keepPreviousData,
    enabled: debtor !== undefined,
    retry: false,
  })
}

/** Saves and starts it; what could not be started is no draft that somebody finds later. */
export async function send(
  outlet: string,
  name: string,
  choice: Choice,
  { send_at, ...draft }: Draft,
): Promise<CampaignView> {
  const path = `${root(outlet)}/campaigns`
  const campaign = await api<CampaignView>('POST', path, {
    body: { name, ...draft, ...choice, ...(send_at ? { send_at } : {}) },
  })
  if (send_at) return campaign
  try {
    return await api<CampaignView>('POST', `${path}/${campaign.id}/start`)
  } catch (error) {
    await api('POST', `${path}/${campaign.id}/cancel`).catch(() => {})
    throw error
  }
}
