import { Badge, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Section } from '../shared/section.tsx'
import { Loaded } from '../shared/states.tsx'
import classes from './debtors.module.css'
import { apiOf } from './queries.ts'

/** As the document writes it. */
type Log = {
  id: number
  communication_type: 'email' | 'sms'
  recipient: string
  subject: string | null
  message: string
  status: 'pending' | 'sent' | 'failed'
  error_message: string | null
  sent_at: string | null
  created_at: string
}
const colours = { pending: 'gray', sent: 'pine', failed: 'red' } as const

/** Every reminder to one debtor, newest first. */
export function Messages({ outlet, debtor }: { outlet: string; debtor: number }) {
  const format = useFormat()
  const log = useQuery({
    queryKey: ['debtors', 'messages', outlet, debtor],
    queryFn: () => api<Log[]>('GET', `${apiOf(outlet)}/${debtor}/communications`),
  })
  return (
    <Section title={t('debtors.messages')}>
      <Loaded query={log} lines={3}>
        {(rows) =>
          rows.length === 0 ? (
            <Text c="dimmed">{t('debtors.no_messages')}</Text>
          ) : (
            <ul className={classes.messages}>
              {rows.map((one) => (
                <li key={one.id}>
                  <details>
                    <summary>
                      <strong>{t(`debtors.type_${one.communication_type}`)}</strong>{' '}
                      <span className="wrap-anywhere">{one.recipient}</span>{' '}
                      <span className={classes.quiet}>{format.instant(one.sent_at ?? one.created_at)}</span>{' '}
                      <Badge color={colours[one.status]}>{t(`debtors.sent_${one.status}`)}</Badge>
                    </summary>
                    {one.error_message && <p className={classes.stated}>{one.error_message}</p>}
                    {one.subject && <p className={classes.subject}>{one.subject}</p>}
                    <p className={classes.body}>{wordsOf(one)}</p>
                  </details>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  )
}

/** A mail's words without its looks; nothing of it runs. */
const wordsOf = ({ communication_type, message }: Log) =>
  communication_type === 'sms'
    ? message
    : (new DOMParser().parseFromString(message, 'text/html').body.textContent ?? '')
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean)
        .join('\n')
