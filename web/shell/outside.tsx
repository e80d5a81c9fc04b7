import { Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { t } from '../i18n.ts'
import { useHeadingFocus } from '../shared/heading-focus.ts'
import classes from './outside.module.css'
import { Wordmark } from './rail.tsx'
import { SchemeButton } from './shell.tsx'

type Props = { title: string; lead?: ReactNode; children: ReactNode; below?: ReactNode }

/** The frame of the pages before the sign-in: a ledger's cover on the left, one task on the right. */
export function Outside({ title, lead, children, below }: Props) {
  const heading = useHeadingFocus()
  useEffect(() => {
    document.title = t('core.window_title', { page: title })
  }, [title])
  return (
    <div className={classes.frame}>
      <header className={classes.cover}>
        <Wordmark />
        <p className={classes.claim}>{t('core.claim')}</p>
        <ol className={classes.book} aria-hidden>
          {Array.from({ length: 6 }, (_, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: ruled lines
            <li key={line} className={classes.line} data-age={line} />
          ))}
        </ol>
      </header>
      <main id="main" className={classes.main} tabIndex={-1}>
        <div className={classes.tools}>
          <SchemeButton />
        </div>
        <div className={classes.task}>
          <Title ref={heading} order={1} size="h2" tabIndex={-1}>
            {title}
          </Title>
          {lead && (
            <Text c="dimmed" mt={4} component="div">
              {lead}
            </Text>
          )}
          <div className={classes.body}>{children}</div>
          {below && <div className={classes.below}>{below}</div>}
        </div>
      </main>
    </div>
  )
}
