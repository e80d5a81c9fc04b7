import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import classes from './communications.module.css'
import { gateWord } from './words.ts'

export type Excluded = { id: number; name: string; acc_no: string | null; gate: string; text: string }

/** Those who get nothing, by the reason why; each reason opens to its names. Says also what would change it. */
export function Exclusions({
  groups,
  link,
}: {
  /** `count` may be more than are named. */
  groups: { gate: string; count: number; named: Excluded[] }[]
  link: (id: number, name: string) => ReactNode
}) {
  const format = useFormat()
  if (groups.length === 0) return <Text c="dimmed">{t('communications.nobody_excluded')}</Text>
  return (
    <div>
      {groups.map(({ gate, count, named }) => (
        <details key={gate} className={classes.reason}>
          <summary>
            {gateWord(gate)} <span className={classes.count}>{format.number(count)}</span>
          </summary>
          <ul className={classes.list}>
            {named.map((each) => (
              <li key={each.id} className={classes.item}>
                <div className={classes.line}>
                  <span>
                    {link(each.id, each.name)} <Text span size="sm" c="dimmed">{each.acc_no}</Text>
                  </span>
                  <Text size="sm" c="dimmed">
                    {each.text}
                  </Text>
                </div>
              </li>
            ))}
          </ul>
          {count > named.length && (
            <Text size="sm" c="dimmed">
              {t('communications.and_more', { count: count - named.length })}
            </Text>
          )}
        </details>
      ))}
    </div>
  )
}
