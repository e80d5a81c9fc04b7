import { Button, Group, Modal, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ifMatchOf } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { FormError, useSubmit } from '../shared/form.tsx'
import { done, failed } from '../shared/toast.tsx'
import type { DisputeDetails } from '../wire.ts'
import { type Known, reread, root } from './queries.ts'
import { isOpen, openStates, resolutionChoice, stateLabel } from './words.ts'

/** Sends an act on a dispute; what it was before can be had again from the message where there is a way back. */
export function useActs() {
  const client = useQueryClient()
  const post = async (id: number, act: string, body: unknown, version?: number | null) => {
    const answer = await api<DisputeDetails>('POST', `${root}/${id}/${act}`, {
      body,
      ...(version ? { ifMatch: ifMatchOf(null, version) } : {}),
    })
    void reread(client)
    return answer
  }
  return {
    post,
    async move(dispute: Known, state: string) {
      try {
        const after = await post(dispute.id, 'move', { state }, dispute.version)
        done(t('disputes.moved', { state: stateLabel(state) }), () =>
          post(dispute.id, 'move', { state: dispute.state }, after.version),
        )
      } catch (error) {
        failed(error)
      }
    },
    async take(dispute: Known) {
      try {
        await post(dispute.id, 'take', {}, dispute.version)
        done(t('disputes.taken'))
      } catch (error) {
        failed(error)
      }
    },
    async give(dispute: Known, owner_id: number | null) {
      const put = (to: number | null, version: number | null) =>
        api<DisputeDetails>('PUT', `${root}/${dispute.id}/owner`, {
          body: { owner_id: to },
          ...(version ? { ifMatch: ifMatchOf(null, version) } : {}),
        })
      try {
        const after = await put(owner_id, dispute.version)
        done(
          after.owner_name ? t('disputes.given', { name: after.owner_name }) : t('disputes.given_nobody'),
          () => put(dispute.owner_id, after.version).then(() => reread(client)),
        )
        await reread(client)
      } catch (error) {
        failed(error)
      }
    },
    async reopen(dispute: Known) {
      try {
        await post(dispute.id, 'reopen', {}, dispute.version)
        done(t('disputes.reopened', { invoice: dispute.invoice_number }))
      } catch (error) {
        failed(error)
      }
    },
  }
}

/** Where a dispute may go from its state; keys 1 to 5 choose. */
export function MoveDialog({
  dispute,
  onClose,
  onAct,
}: {
  dispute: Known
  onClose: () => void
  onAct: (act: 'resolve' | 'withdraw') => void
}) {
  const acts = useActs()
  const open = isOpen(dispute.state)
  const choices: [string, () => void][] = open
    ? [
        ...openStates
          .filter((state) => state !== dispute.state)
          .map((state): [string, () => void] => [
            t('disputes.move_to', { state: stateLabel(state) }),
            () => {
              onClose()
              void acts.move(dispute, state)
            },
          ]),
        [t('disputes.resolve'), () => onAct('resolve')],
        [t('disputes.withdraw'), () => onAct('withdraw')],
      ]
    : [
        [
          t('disputes.reopen'),
          () => {
            onClose()
            void acts.reopen(dispute)
          },
        ],
      ]
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('disputes.move_title', { invoice: dispute.invoice_number })}
      size="sm"
      onKeyDown={(event) => {
        const chosen = choices[Number(event.key) - 1]
        if (!chosen || event.ctrlKey || event.metaKey || event.altKey) return
        event.preventDefault()
        chosen[1]()
      }}
    >
      <Stack gap="xs">
        {choices.map(([label, act], at) => (
          <Button
            key={label}
            variant="default"
            justify="space-between"
            rightSection={<kbd aria-hidden>{at + 1}</kbd>}
            aria-keyshortcuts={String(at + 1)}
            onClick={act}
            data-autofocus={at === 0 || undefined}
          >
            {label}
          </Button>
        ))}
      </Stack>
    </Modal>
  )
}

/** Ends a dispute: what was agreed, and how. */
export function ResolveDialog({ dispute, onClose }: { dispute: Known; onClose: () => void }) {
  const format = useFormat()
  const acts = useActs()
  const [resolution, setResolution] = useState('accepted')
  const [agreed, setAgreed] = useState(String(dispute.disputed_amount))
  const [note, setNote] = useState('')
  const { busy, error, submit } = useSubmit(async () => {
    const after = await acts.post(
      dispute.id,
      'resolve',
      {
        resolution,
        note,
        ...(resolution === 'accepted' ? { agreed_amount: Number(agreed.replace(',', '.')) } : {}),
      },
      dispute.version,
    )
    onClose()
    done(t('disputes.resolved', { invoice: dispute.invoice_number }), () =>
      acts.post(dispute.id, 'reopen', {}, after.version),
    )
  })
  return (
    <Modal opened onClose={onClose} title={t('disputes.resolve_title', { invoice: dispute.invoice_number })}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {[dispute.reason, format.money(dispute.disputed_amount, dispute.currency)].join(' · ')}
          </Text>
          <Radio.Group label={t('disputes.resolution')} value={resolution} onChange={setResolution}>
            <Stack gap="xs" mt={6}>
              {resolutionChoice().map(({ value, label }, at) => (
                <Radio key={value} value={value} label={label} data-autofocus={at === 0 || undefined} />
              ))}
            </Stack>
          </Radio.Group>
          {resolution === 'accepted' && (
            <TextInput
              label={t('disputes.agreed_field', { currency: dispute.currency })}
              inputMode="decimal"
              value={agreed}
              onChange={(event) => setAgreed(event.currentTarget.value)}
              required
            />
          )}
          <Textarea
            label={t('disputes.resolution_note')}
            rows={3}
            maxLength={4000}
            resize="vertical"
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy}>
              {t('disputes.resolve')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

export function WithdrawDialog({ dispute, onClose }: { dispute: Known; onClose: () => void }) {
  const acts = useActs()
  const [note, setNote] = useState('')
  const { busy, error, submit } = useSubmit(async () => {
    const after = await acts.post(dispute.id, 'withdraw', { note }, dispute.version)
    onClose()
    done(t('disputes.withdrawn', { invoice: dispute.invoice_number }), () =>
      acts.post(dispute.id, 'reopen', {}, after.version),
    )
  })
  return (
    <Modal opened onClose={onClose} title={t('disputes.withdraw_title', { invoice: dispute.invoice_number })}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Stack gap="md">
          <Text>{t('disputes.withdraw_why')}</Text>
          <Textarea
            label={t('disputes.resolution_note')}
            rows={3}
            maxLength={4000}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            data-autofocus
          />
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy}>
              {t('disputes.withdraw')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
