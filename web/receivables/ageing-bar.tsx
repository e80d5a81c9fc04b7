import { Link } from '@tanstack/react-router'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { AgeingBucket } from '../wire.ts'
import classes from './ageing-bar.module.css'
import { bucketColour, bucketLabel, shares } from './buckets.ts'

type Props = {
  buckets: AgeingBucket[]
  currency: string /** Kept in the links to the invoices. */
  search?: Record<string, string>
}

/**
 * One stacked bar and its legend. The bar is decoration: every figure stands in the legend, whose entries lead to the
 * invoices (a thin slice would be too small to hit anyway).
 */
export function AgeingBar({ buckets, currency, search = {} }: Props) {
  const format = useFormat()
  const parts = shares(buckets)
  return (
    <figure className={classes.figure} aria-label={t('core.ageing_chart')}>
      <div className={classes.bar} aria-hidden>
        {buckets.map((bucket, index) =>
          parts[index]! > 0 ? (
            <div
              key={bucket.bucket}
              className={classes.part}
              style={{ flexGrow: parts[index]!, background: bucketColour(buckets, index) }}
            />
          ) : null,
        )}
      </div>
      <ul className={classes.legend}>
        {buckets.map((bucket, index) => (
          <li key={bucket.bucket}>
            <Link
              to="/receivables/invoices"
              search={{ ...search, currency, bucket: bucket.bucket }}
              className={classes.entry!}
            >
              <span
                className={classes.swatch}
                style={{ background: bucketColour(buckets, index) }}
                aria-hidden
              />
              <span className={classes.name}>{bucketLabel(bucket)}</span>
              <span className={`figure ${classes.amount}`}>{format.money(bucket.amount, currency)}</span>
              <span className={classes.share}>
                {t('core.share_of_invoices', { share: format.percent(parts[index]!), count: bucket.count })}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </figure>
  )
}

/** A bar without words for a table row, whose cells hold the figures. */
export function MicroBar({ buckets }: { buckets: AgeingBucket[] }) {
  const parts = shares(buckets)
  return (
    <div className={classes.micro} aria-hidden>
      {buckets.map((bucket, index) =>
        parts[index]! > 0 ? (
          <div
            key={bucket.bucket}
            style={{ flexGrow: parts[index]!, background: bucketColour(buckets, index) }}
          />
        ) : null,
      )}
    </div>
  )
}
