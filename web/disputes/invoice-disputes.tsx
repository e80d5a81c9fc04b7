import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Attachments, useAttachments } from '../attachments/attachments.tsx'
import { t } from '../i18n.ts'
import { can, useFormat, useMe } from '../session.ts'
import { Section } from '../shared/section.tsx'
import { Loaded } from '../shared/states.tsx'
import { useKey } from '../shared/use-key.ts'
import type { Dispute, InvoiceDetails } from '../wire.ts'
import { Clock } from './clock.tsx'
import { DisputeDrawer } from './dispute-drawer.tsx'
import classes from './disputes.module.css'
import { OpenDispute } from './open-dispute.tsx'
import { useInvoiceDisputes } from './queries.ts'
import { isOpen, partOf, stateLabel } from './words.ts'

/** Disputes and files of the invoice on the page, and what a biller looks at first. D opens a dispute, or the one that is open. */
export default function InvoiceDisputes({ invoice }: { invoice: InvoiceDetails }) {
  const me = useMe()
  const disputes = useInvoiceDisputes(invoice.id)
  const [opening, setOpening] = useState<{ code?: string | undefined } | null>(null)
  const [shown, setShown] = useState<number | null>(null)
  const mayOpen = can(me, 'receivables.write') && invoice.amount > 0
  const items = disputes.data?.items ?? []
  const open = items.filter(({ state }) => isOpen(state))
  useKey('d', (event) => {
    event.preventDefault()
    if (open[0]?.id) setShown(open[0].id)
    else if (mayOpen) setOpening({})
  })
  return (
    <>
      <Section
        title={t('disputes.section')}
        actions={
          mayOpen && (
            <Button size="compact-md" variant="default" aria-keyshortcuts="D" onClick={() => setOpening({})}>
              {t('disputes.open')}
            </Button>
          )
        }
      >
        <Loaded query={disputes} lines={2}>
          {(data) =>
            data.items.length === 0 ? (
              <Text c="dimmed">{t('disputes.section_none')}</Text>
            ) : (
              <ul className={classes.plain}>
                {data.items.map((dispute) => (
                  <Line
                    key={dispute.id ?? 'stated'}
                    dispute={dispute}
                    onOpen={() => setShown(dispute.id)}
                    onTakeUp={
                      mayOpen ? () => setOpening({ code: dispute.reason_code ?? undefined }) : undefined
                    }
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Section>
      {invoice.document_type === 'invoice' && (
        <Checklist
          invoice={invoice}
          open={open}
          onShow={setShown}
          onWrong={mayOpen ? (code) => setOpening({ code }) : undefined}
        />
      )}
      <Section title={t('disputes.files')}>
        <Attachments subject="invoice" id={invoice.id} related />
      </Section>
      {opening && (
        <OpenDispute
          invoice={invoice}
          code={opening.code}
          onClose={() => setOpening(null)}
          onOpened={({ id }) => {
            setOpening(null)
            setShown(id)
          }}
        />
      )}
      {shown !== null && <DisputeDrawer id={shown} onClose={() => setShown(null)} />}
    </>
  )
}

function Line({
  dispute,
  onOpen,
  onTakeUp,
}: {
  dispute: Dispute
  onOpen: () => void
  onTakeUp: (() => void) | undefined
}) {
  const format = useFormat()
  if (dispute.id === null)
    return (
      <li className={classes.line}>
        <Group justify="space-between" gap="xs">
          <Badge color="red">{stateLabel('stated')}</Badge>
          {onTakeUp && (
            <Button size="compact-sm" variant="default" onClick={onTakeUp}>
              {t('disputes.take_up')}
            </Button>
          )}
        </Group>
        <Text size="sm" c="dimmed" mt={4}>
          {t('disputes.stated_why')}
          {dispute.opened_on && ` ${t('disputes.interval_open', { from: format.day(dispute.opened_on) })}`}
        </Text>
      </li>
    )
  return (
    <li className={classes.line}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <button type="button" className={classes.name} onClick={onOpen}>
          {dispute.reason}
        </button>
        <Clock dispute={dispute} />
      </Group>
      <Text size="sm">
        {format.money(dispute.disputed_amount, dispute.currency)} · {partOf(dispute, format)}
      </Text>
      <Text size="xs" c="dimmed">
        {[stateLabel(dispute.state), dispute.owner_name ?? t('disputes.nobody')].join(' · ')}
      </Text>
    </li>
  )
}

/** Purchase order, delivery, price: each is in order, or in dispute, or becomes one. */
function Checklist({
  invoice,
  open,
  onShow,
  onWrong,
}: {
  invoice: InvoiceDetails
  open: Dispute[]
  onShow: (id: number | null) => void
  onWrong: ((code: string) => void) | undefined
}) {
  const format = useFormat()
  const files = useAttachments({ subject: 'invoice', id: invoice.id, related: true })
  const proofs = files.data?.items.length ?? 0
  const checks = [
    {
      code: 'po_mismatch',
      label: t('disputes.check_po'),
      says: invoice.po_number ?? t('disputes.check_po_none'),
    },
    {
      code: 'delivery_issue',
      label: t('disputes.check_delivery'),
      says: t('disputes.check_delivery_proof', { count: proofs }),
    },
    {
      code: 'billing_error',
      label: t('disputes.check_price'),
      says: t('disputes.check_price_amount', { amount: format.money(invoice.amount, invoice.currency) }),
    },
  ]
  return (
    <Section title={t('disputes.checklist')} why={t('disputes.checklist_why')}>
      <Stack gap={0}>
        {checks.map(({ code, label, says }) => {
          const disputed = open.find(({ reason_code }) => reason_code === code)
          return (
            <div key={code} className={classes.check}>
              <div className={classes.words}>
                <Text size="sm" fw={600}>
                  {label}
                </Text>
                <Text size="sm" c="dimmed">
                  {says}
                </Text>
              </div>
              {disputed ? (
                <Button size="compact-sm" variant="light" color="red" onClick={() => onShow(disputed.id)}>
                  {t('disputes.check_disputed')}
                </Button>
              ) : (
                onWrong && (
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    onClick={() => onWrong(code)}
                    aria-label={t('disputes.check_wrong', { check: label })}
                  >
                    {t('disputes.wrong')}
                  </Button>
                )
              )}
            </div>
          )
        })}
      </Stack>
    </Section>
  )
}
