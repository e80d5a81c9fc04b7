import { t } from '../i18n.ts'
import chips from '../receivables/bucket-chips.module.css'
import { useFormat } from '../session.ts'
import type { DebtorStatistics } from '../wire.ts'
import { type Bucket, bucketColour, buckets, bucketWord } from './buckets.ts'

type Props = { sums: DebtorStatistics; chosen: Bucket[]; onChange: (chosen: Bucket[]) => void }

/** Ages with what is owed in them. Several may be pressed: whoever owes in one of them is listed. */
export function Chips({ sums, chosen, onChange }: Props) {
  const format = useFormat()
  return (
    <fieldset className={`${chips.chips} no-print`}>
      <legend className={chips.legend}>{t('debtors.ages')}</legend>
      {buckets.map((bucket) => (
        <button
          key={bucket}
          type="button"
          className={chips.chip}
          aria-pressed={chosen.includes(bucket)}
          onClick={() =>
            onChange(chosen.includes(bucket) ? chosen.filter((each) => each !== bucket) : [...chosen, bucket])
          }
        >
          <span className={chips.dot} style={{ background: bucketColour(bucket) }} aria-hidden />
          {bucketWord(bucket)}
          <span className={chips.count}>{format.money(sums[bucket])}</span>
        </button>
      ))}
    </fieldset>
  )
}
