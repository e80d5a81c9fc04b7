import { NativeSelect } from '@mantine/core'
import type { ReactNode } from 'react'
import { t } from '../i18n.ts'
import classes from './choice.module.css'
import { EvidenceButton } from './evidence.tsx'
import type { Evidence } from './reading.ts'

/** One line of "what we think it is": what, how, and why we think so. */
export function Line({ label, children, why }: { label: string; children: ReactNode; why?: ReactNode }) {
  return (
    <div className={classes.line}>
      <div className={classes.label}>{label}</div>
      <div className={classes.value}>{children}</div>
      {why && <div className={classes.why}>{why}</div>}
    </div>
  )
}

type Props = {
  label: string
  /** What a person said; otherwise what was concluded. */
  said: string | null | undefined
  concluded: string | null | undefined
  options: { value: string; label: string }[]
  evidence: Evidence[]
  onChange: (value: string | null) => void
}

/** One click changes what was concluded; choosing the file's own reading takes it back. */
export function Choice({ label, said, concluded, options, evidence, onChange }: Props) {
  const thought = options.find((option) => option.value === concluded)
  const rest = said || !thought ? options : options.filter((option) => option.value !== concluded)
  return (
    <div className={classes.line}>
      <div className={classes.label} aria-hidden>
        {label}
      </div>
      <NativeSelect
        className={classes.value!}
        aria-label={label}
        value={said ?? ''}
        data={[
          {
            value: '',
            label:
              said || !thought ? t('imports.as_file_says') : t('imports.concluded', { what: thought.label }),
          },
          ...rest,
        ]}
        onChange={(event) => onChange(event.currentTarget.value || null)}
      />
      <div className={classes.why}>
        <EvidenceButton label={label} evidence={evidence} />
      </div>
    </div>
  )
}
