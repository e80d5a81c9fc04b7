import type { FastifyInstance } from 'fastify'
import { type ApiDeps, apiFor } from '../../core/api.ts'
import { idParams } from '../../core/schema.ts'
import {
  countUnread,
  getPreferences,
  listNotifications,
  markAllRead,
  markRead,
  setPreferences,
} from './notifications.ts'
import {
  Notification,
  NotificationQuery,
  Notifications,
  Preferences,
  PreferencesInput,
  Read,
  Unread,
} from './schemas.ts'

/** Under /api/profile: what one was told is one's own. /api/notifications is the Outstanding Tracker's. */
export function notificationRoutes(app: FastifyInstance, deps: ApiDeps) {
  const api = apiFor(app, deps, 'Notifications')
  api.get(
    '/api/profile/notifications',
    {
      access: 'member',
      summary: 'What you were told, newest first',
      query: NotificationQuery,
      reply: Notifications,
    },
    (scope, { query }) => listNotifications(scope, query),
  )
  api.get(
    '/api/profile/notifications/unread',
    { access: 'member', summary: 'How many of them are unread', reply: Unread },
    (scope) => countUnread(scope),
  )
  api.put(
    '/api/profile/notifications/:id/read',
    {
      access: 'member',
      summary: 'Mark one as read, or as unread',
      params: idParams,
      body: Read,
      reply: Notification,
    },
    (scope, { params, body }) => markRead(scope, params.id, body.read),
  )
  api.post(
    '/api/profile/notifications/read',
    { access: 'member', summary: 'Mark all as read', reply: Unread },
    (scope) => markAllRead(scope),
  )
  api.get(
    '/api/profile/notification-preferences',
    { access: 'member', summary: 'Which kinds you want to be told of', reply: Preferences },
    (scope) => getPreferences(scope),
  )
  api.put(
    '/api/profile/notification-preferences',
    {
      access: 'member',
      summary: 'Choose which kinds you want to be told of',
      body: PreferencesInput,
      reply: Preferences,
    },
    (scope, { body }) => setPreferences(scope, body.muted),
  )
}
