import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { Confirm } from '../shared/confirm.tsx'
import type { ImportDetails } from '../wire.ts'
import type { Acts } from './use-import.ts'

/** Gives up an import that is not in the books. Its file and what was decided about it are gone afterwards. */
export function Discard({ one, acts }: { one: ImportDetails; acts: Acts }) {
  const [asking, setAsking] = useState(false)
  return (
    <Group justify="flex-end" mt="md">
      <Button variant="subtle" color="red" disabled={acts.busy} onClick={() => setAsking(true)}>
        {t('imports.discard')}
      </Button>
      <Confirm
        opened={asking}
        title={t('imports.discard_title')}
        why={t('imports.discard_why', { file: one.file_name })}
        action={t('imports.discard')}
        busy={acts.doing === 'cancel'}
        onClose={() => setAsking(false)}
        onConfirm={async () => {
          await acts.cancel()
          setAsking(false)
        }}
      />
    </Group>
  )
}
