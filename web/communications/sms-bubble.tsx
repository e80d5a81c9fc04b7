import { Text } from '@mantine/core'
import { t } from '../i18n.ts'
import classes from './communications.module.css'

type Props = {
  text: string
  parts: number
  /** Null where it is not known: a message that was sent. */
  encoding: 'GSM-7' | 'UCS-2' | null
  /** Already written, with its currency. */
  cost?: string | undefined
}

/** An SMS as it arrives, and what the provider will count. */
export function SmsBubble({ text, parts, encoding, cost }: Props) {
  const letters = [...text].length
  return (
    <figure className={classes.phone}>
      <div className={classes.bubble}>{text || t('communications.no_text')}</div>
      <Text component="figcaption" size="sm" c="dimmed">
        {[
          t('communications.letters', { count: letters }),
          t('communications.parts', { count: parts }),
          encoding === 'UCS-2' && t('communications.ucs2'),
          cost,
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
    </figure>
  )
}
