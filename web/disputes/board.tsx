import { Group, Text, Title } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { Dispute } from '../wire.ts'
import { Clock } from './clock.tsx'
import classes from './disputes.module.css'
import { stateLabel } from './words.ts'

/** The disputes found, by state or by reason; M moves the card that has the focus. */
export function Board({
  items,
  by,
  onOpen,
}: {
  items: Dispute[]
  by: 'state' | 'reason'
  onOpen: (dispute: Dispute) => void
}) {
  const format = useFormat()
  const groups =
    by === 'state'
      ? ['stated', 'new', 'in_review', 'waiting', 'resolved', 'withdrawn']
          .map((state): [string, Dispute[]] => [
            stateLabel(state),
            items.filter((one) => one.state === state),
          ])
          .filter(([, of], at) => of.length > 0 || (at > 0 && at < 4))
      : [...Map.groupBy(items, ({ reason }) => reason.split(' / ')[0]!)].sort(
          (a, b) => b[1].length - a[1].length,
        )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className={classes.board} tabIndex={0} aria-label={t('disputes.as_board')}>
      {groups.map(([label, of]) => (
        <section key={label} className={`sheet ${classes.column}`} aria-label={label}>
          <Group justify="space-between" gap="xs">
            <Title order={2} size="h5">
              {label}
            </Title>
            <Text size="sm" c="dimmed">
              {format.number(of.length)}
            </Text>
          </Group>
          <ul className={classes.cards}>
            {of.map((dispute) => (
              <li
                key={dispute.id ?? `stated ${dispute.invoice_id}`}
                className={classes.card}
                data-dispute={dispute.id ?? undefined}
              >
                <Group justify="space-between" gap={6} wrap="nowrap" align="flex-start">
                  <button
                    type="button"
                    className={classes.name}
                    data-row-link
                    onClick={() => onOpen(dispute)}
                  >
                    {dispute.invoice_number}
                  </button>
                  <strong>{format.money(dispute.disputed_amount, dispute.currency)}</strong>
                </Group>
                <Text size="sm">{dispute.customer_name}</Text>
                <Text size="xs" c="dimmed" mb={6}>
                  {[by === 'state' ? dispute.reason : stateLabel(dispute.state), dispute.owner_name]
                    .filter(Boolean)
                    .join(' · ')}
                </Text>
                <Clock dispute={dispute} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </section>
  )
}
