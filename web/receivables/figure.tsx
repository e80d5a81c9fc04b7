import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './invoice.module.css'

/** One headline number of a page. */
export function Figure({ label, value, note }: { label: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed" component="dt">
        {label}
      </Text>
      <dd className={`figure ${classes.headline}`} style={{ margin: 0 }}>
        {value}
      </dd>
      {note && (
        <Text size="sm" c="dimmed" component="dd" m={0}>
          {note}
        </Text>
      )}
    </div>
  )
}
