import { Button } from '@mantine/core'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { useSubmit } from '../shared/form.tsx'
import { Empty } from '../shared/states.tsx'

/** Where there is no policy yet. */
export function Begin({ onDone }: { onDone: () => void }) {
  const { busy, submit } = useSubmit(async () => {
    await api('POST', '/api/receivables/dunning/policies/standard')
    onDone()
  })
  return (
    <Empty
      title={t('dunning.no_policy')}
      why={t('dunning.no_policy_why')}
      action={
        <Button loading={busy} onClick={() => void submit({})}>
          {t('dunning.begin_standard')}
        </Button>
      }
    />
  )
}
