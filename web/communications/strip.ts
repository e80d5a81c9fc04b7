import type { CampaignView } from '../wire.ts'

/** How the messages of a campaign stand, by the names of their states. */
export const stripOf = ({ counts }: Pick<CampaignView, 'counts'>) => ({
  delivered: counts.delivered,
  sent: counts.sent,
  pending: counts.waiting,
  unknown: counts.unknown,
  failed: counts.failed,
  held: counts.held,
})
