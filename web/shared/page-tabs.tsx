import { Link } from '@tanstack/react-router'
import classes from './page-tabs.module.css'

/** Pages that belong together. They are links, not tabs: each has an address and a heading of its own. */
export function PageTabs({
  label,
  items,
}: {
  label: string
  items: readonly { to: string; label: string }[]
}) {
  return (
    <nav aria-label={label} className={`${classes.tabs} no-print`}>
      {items.map((item) => (
        <Link
          key={item.to}
          to={item.to}
          className={classes.tab!}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ 'data-active': true, 'aria-current': 'page' }}
        >
          {item.label}
        </Link>
      ))}
    </nav>
  )
}
