import { all, type Provider } from './provider.ts'

/** Captures and shows: nothing leaves. */
export const outbox: Provider = {
  batch: 50,
  send: async (_channel, messages) => all(messages, { outcome: 'sent', external_id: null }),
  test: async () => ({ ok: true, detail: 'Messages are kept and shown here. Nothing leaves.' }),
}
