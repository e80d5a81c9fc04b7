import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import type { AgeingBucket } from '../wire.ts'
import classes from './bucket-chips.module.css'
import { bucketColour, bucketLabel } from './buckets.ts'

type Props = {
  buckets: (Pick<AgeingBucket, 'bucket' | 'from_days' | 'to_days'> & { count: number })[]
  value: string | undefined
  onChange: (bucket: string | undefined) => void
}

/** Age as a row of toggles; pressing the chosen one again takes the filter away. */
export function BucketChips({ buckets, value, onChange }: Props) {
  const format = useFormat()
  return (
    <fieldset className={`${classes.chips} no-print`}>
      <legend className={classes.legend}>{t('receivables.age')}</legend>
      {buckets.map((bucket, index) => (
        <button
          key={bucket.bucket}
          type="button"
          className={classes.chip}
          aria-pressed={bucket.bucket === value}
          onClick={() => onChange(bucket.bucket === value ? undefined : bucket.bucket)}
        >
          <span className={classes.dot} style={{ background: bucketColour(buckets, index) }} aria-hidden />
          {bucketLabel(bucket)}
          <span className={classes.count}>{format.number(bucket.count)}</span>
        </button>
      ))}
    </fieldset>
  )
}
