import { Link, useLocation } from '@tanstack/react-router'
import { t } from '../i18n.ts'
import type { Me } from '../wire.ts'
import { currentOf, navigationFor } from './nav.ts'
import classes from './rail.module.css'

export function Wordmark() {
  return (
    <span className={classes.wordmark}>
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden focusable="false">
        <path
          d="M9 5h7a8 8 0 0 1 0 16H9z"
          fill="none"
          stroke="currentColor"
          strokeWidth="3.2"
          strokeLinejoin="round"
        />
        <path d="M7 25.4h18M7 28.8h18" stroke="var(--mark)" strokeWidth="1.7" />
      </svg>
      <span className={classes.word}>{t('core.product')}</span>
    </span>
  )
}

export function Rail({ me, inDrawer = false }: { me: Me; inDrawer?: boolean }) {
  const groups = navigationFor(me)
  const current = currentOf(groups, useLocation().pathname)
  return (
    <>
      {!inDrawer && (
        <Link to="/" className={classes.home} aria-label={t('core.home_link')}>
          <Wordmark />
        </Link>
      )}
      <nav className={classes.nav} aria-label={t('core.navigation')}>
        {groups.map((group) => (
          <div key={group.label ?? 'top'} className={classes.group}>
            {group.label && <h2 className={classes.groupLabel}>{t(group.label)}</h2>}
            <ul className={classes.list}>
              {group.items.map((item) => (
                <li key={item.to}>
                  <Link
                    to={item.to}
                    className={classes.link!}
                    // The router's own mark would stand on every entry that the address begins with.
                    activeOptions={{ exact: true }}
                    activeProps={{}}
                    data-active={item.to === current || undefined}
                    aria-current={item.to === current ? 'page' : undefined}
                  >
                    <item.icon size={18} stroke={1.7} aria-hidden />
                    <span>{t(item.label)}</span>
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
    </>
  )
}
