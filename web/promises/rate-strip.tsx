import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { PromiseRates } from '../wire.ts'
import classes from './promises.module.css'

type Only = {
  customer_id?: number | string | undefined
  made_by?: string | undefined
  currency?: string | undefined
  as_of?: string | undefined
}

/** How many promises were kept: the share by count and by money, and a bar of what came of them. */
export function RateStrip({ only }: { only: Only }) {
  const format = useFormat()
  const rates = useQuery({
    queryKey: ['promises', 'rates', only],
    queryFn: ({ signal }) =>
      api<PromiseRates>('GET', '/api/receivables/promises/rates', { query: only, signal }),
  })
  const total = rates.data?.total
  if (!total || total.count + total.open === 0) return null
  const parts = [
    ['kept', total.kept],
    ['partially_kept', total.partially_kept],
    ['broken', total.broken],
    ['open', total.open],
  ] as const
  const words = t('promises.strip', {
    kept: total.kept,
    partial: total.partially_kept,
    broken: total.broken,
    open: total.open,
  })
  return (
    <div className={`sheet ${classes.strip}`}>
      <div>
        <div className={classes.stripLabel}>{t('promises.rate')}</div>
        <strong className="figure">
          {total.rate_by_count === null
            ? t('promises.rate_none')
            : t('promises.rate_count', { share: format.percent(total.rate_by_count), count: total.count })}
        </strong>
        {total.rate_by_amount !== null && (
          <div className={classes.stripLabel}>
            {t('promises.rate_amount', { share: format.percent(total.rate_by_amount) })}
          </div>
        )}
      </div>
      <div className={classes.stripBar}>
        <div className={classes.bar} role="img" aria-label={words}>
          {parts.map(([name, count]) =>
            count > 0 ? <span key={name} className={classes[name]} style={{ flexGrow: count }} /> : null,
          )}
        </div>
        <div className={classes.stripLabel} aria-hidden>
          {words}
        </div>
      </div>
    </div>
  )
}
