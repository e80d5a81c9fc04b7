import { SegmentedControl } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { t } from '../i18n.ts'
import classes from './communications.module.css'

/** A mail as its reader sees it: laid out, or as plain text. Nothing in it runs, and its links lead nowhere. */
export function MailFrame({ subject, html, text }: { subject: string; html: string | null; text: string }) {
  const [as, setAs] = useState<'html' | 'text'>('html')
  const shown = html === null ? 'text' : as
  return (
    <figure className={classes.mail} aria-label={t('communications.mail')}>
      <div className={classes.subject}>
        <span className={classes.subjectLabel}>{t('communications.subject')}</span>
        <strong>{subject}</strong>
        {html !== null && (
          <SegmentedControl
            size="xs"
            value={shown}
            onChange={(value) => setAs(value as 'html' | 'text')}
            data={[
              { value: 'html', label: t('communications.as_html') },
              { value: 'text', label: t('communications.as_text') },
            ]}
            aria-label={t('communications.show_as')}
          />
        )}
      </div>
      {shown === 'html' ? <Sheet html={html!} /> : <pre className={classes.words}>{text}</pre>}
    </figure>
  )
}

/** `allow-same-origin` without scripts: its height can be read, and nothing in it can act. */
function Sheet({ html }: { html: string }) {
  const frame = useRef<HTMLIFrameElement>(null)
  const [height, setHeight] = useState(320)
  const measure = () => {
    const inside = frame.current?.contentDocument
    if (!inside?.body) return
    // Popups are not allowed in the sandbox, so that a link to a new window is no link.
    const base = inside.createElement('base')
    base.target = '_blank'
    inside.head.append(base)
    setHeight(Math.min(1200, Math.max(160, inside.documentElement.scrollHeight)))
  }
  useEffect(() => {
    const resized = () => {
      const inside = frame.current?.contentDocument
      if (inside?.body) setHeight(Math.min(1200, Math.max(160, inside.body.scrollHeight + 24)))
    }
    addEventListener('resize', resized)
    return () => removeEventListener('resize', resized)
  }, [])
  return (
    <iframe
      ref={frame}
      className={classes.sheet}
      title={t('communications.mail')}
      sandbox="allow-same-origin"
      srcDoc={html}
      height={height}
      onLoad={measure}
    />
  )
}
