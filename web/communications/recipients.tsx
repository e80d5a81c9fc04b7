import { Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Pager } from '../shared/data-table.tsx'
import type { ReminderDryRun } from '../wire.ts'
import classes from './communications.module.css'

/** Those who get a reminder, most owed first; whose is looked at is marked. */
export function Recipients({
  data,
  page,
  onPage,
  current,
  onChoose,
}: {
  data: ReminderDryRun
  page: number
  onPage: (page: number) => void
  current: number | undefined
  onChoose: (id: number) => void
}) {
  const format = useFormat()
  return (
    <>
      <ol className={`${classes.letters} ${classes.framed}`} aria-label={t('communications.who_gets')}>
        {data.items.map((each) => (
          <li key={each.debtor_id}>
            <button
              type="button"
              className={classes.row}
              aria-current={each.debtor_id === current || undefined}
              onClick={() => onChoose(each.debtor_id)}
              data-row-link
            >
              <span className={classes.rowHead}>
                <span>{each.name}</span>
                <span className="figure">{format.money(each.amount, data.currency)}</span>
              </span>
              <Text
                size="sm"
                c="dimmed"
                component="span"
                display="block"
                style={{ overflowWrap: 'anywhere' }}
              >
                {[each.acc_no, each.recipient, each.parts && t('communications.parts', { count: each.parts })]
                  .filter(Boolean)
                  .join(' · ')}
              </Text>
            </button>
          </li>
        ))}
      </ol>
      <Pager page={page} pages={data.pages} total={data.total} pageSize={data.page_size} onPage={onPage} />
    </>
  )
}
