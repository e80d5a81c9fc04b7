import { Button, Text } from '@mantine/core'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Loaded } from '../shared/states.tsx'
import { TextLink } from '../shared/text-link.tsx'
import classes from './communications.module.css'
import { type Choice, type Draft, useDryRun } from './reminders.ts'
import { gateWord } from './words.ts'

type Props = { outlet: string; choice: Choice; draft: Draft }

/** Those who get nothing, by the reason why; a reason opens to the people behind it. */
export function Exclusions({ gates, ...props }: Props & { gates: { gate: string; count: number }[] }) {
  const format = useFormat()
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  if (gates.length === 0) return <Text c="dimmed">{t('communications.nobody_excluded')}</Text>
  return (
    <div>
      {gates.map(({ gate, count }) => (
        <details
          key={gate}
          className={classes.reason}
          onToggle={(event) => {
            const next = new Set(open)
            next[event.currentTarget.open ? 'add' : 'delete'](gate)
            setOpen(next)
          }}
        >
          <summary>
            {gateWord(gate)} <span className={classes.count}>{format.number(count)}</span>
          </summary>
          {open.has(gate) && <People {...props} gate={gate} />}
        </details>
      ))}
    </div>
  )
}

const step = 25

function People({ outlet, choice, draft, gate }: Props & { gate: string }) {
  const format = useFormat()
  const [shown, setShown] = useState(step)
  const people = useDryRun(outlet, choice, draft, { show: 'left_out', gate, page: 1, page_size: shown })
  return (
    <Loaded query={people} lines={3}>
      {({ items, total }) => (
        <>
          <ul className={classes.list}>
            {items.map((each) => (
              <li key={each.debtor_id} className={classes.item}>
                <div className={classes.line}>
                  <span>
                    <TextLink to={`/debtors/${outlet}/accounts/${each.debtor_id}`} underline="always">
                      {each.name || each.acc_no || String(each.debtor_id)}
                    </TextLink>{' '}
                    <Text span size="sm" c="dimmed">
                      {each.acc_no}
                    </Text>
                  </span>
                  <span className="figure">{format.money(each.balance)}</span>
                </div>
                <Text size="sm" c="dimmed">
                  {each.stops.map(({ text }) => text).join(' · ')}
                </Text>
              </li>
            ))}
          </ul>
          {total > items.length && items.length < 500 && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setShown(Math.min(500, shown * 4))}
              loading={people.isPlaceholderData}
            >
              {t('communications.show_more', { count: total - items.length })}
            </Button>
          )}
        </>
      )}
    </Loaded>
  )
}
