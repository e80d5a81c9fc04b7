import { Button } from '@mantine/core'
import { IconCheck, IconHistory, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { done, failed } from '../shared/toast.tsx'
import type { DebtorReport } from '../wire.ts'
import { reportApi, useRefresh } from './queries.ts'

type Props = { outlet: string; report: DebtorReport; current: number | undefined; small?: boolean }

/** What a person may decide of a report: take it as the list, refuse it, or go back to it. All of it can be taken back. */
export function Decide({ outlet, report, current, small }: Props) {
  const refresh = useRefresh()
  const [doing, setDoing] = useState<string | null>(null)
  const post = async (id: number, act: 'accept' | 'reject' | 'restore') => {
    await api('POST', `${reportApi(outlet, id)}/${act}`)
    await refresh()
  }
  const run = async (act: 'accept' | 'reject' | 'restore', said: string, undo?: () => Promise<void>) => {
    setDoing(act)
    try {
      await post(report.id, act)
      done(said, undo)
    } catch (error) {
      failed(error)
    } finally {
      setDoing(null)
    }
  }
  const back = current === undefined ? undefined : () => post(current, 'restore')
  const size = small ? 'compact-sm' : 'sm'
  // In a narrow column the words go on in a second line.
  const wraps = small
    ? ({ h: 'auto', mih: 26, styles: { label: { whiteSpace: 'normal', height: 'auto' } } } as const)
    : {}
  const waits = report.status === 'needs_review'
  return (
    <>
      {(waits || report.status === 'rejected') && (
        <Button
          size={size}
          {...wraps}
          variant={small ? 'default' : 'filled'}
          leftSection={<IconCheck size={16} aria-hidden />}
          loading={doing === 'accept'}
          onClick={() => run('accept', t('debtors.accepted', { file: report.filename }), back)}
        >
          {t('debtors.accept')}
        </Button>
      )}
      {waits && (
        <Button
          size={size}
          {...wraps}
          variant="default"
          leftSection={<IconX size={16} aria-hidden />}
          loading={doing === 'reject'}
          onClick={() => run('reject', t('debtors.rejected', { file: report.filename }))}
        >
          {t('debtors.reject')}
        </Button>
      )}
      {report.status === 'completed' && !report.is_current && (
        <Button
          size={size}
          {...wraps}
          variant="default"
          leftSection={<IconHistory size={16} aria-hidden />}
          loading={doing === 'restore'}
          onClick={() => run('restore', t('debtors.restored', { file: report.filename }), back)}
        >
          {t('debtors.restore')}
        </Button>
      )}
    </>
  )
}
