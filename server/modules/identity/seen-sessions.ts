import type { Who } from '../../core/who.ts'

/** Session and roles are read anew when what is known is older than this, so a change bites within a second everywhere. */
export const FRESH_MS = 500
export const SEEN_MAX = 10_000
export const seenSessions = new Map<number, { who: Who; at: number }>()

/** Called when roles or memberships change, so that on this server the change bites at once. */
export const forgetSessions = () => seenSessions.clear()
