import { Alert, Button, NativeSelect, Radio, Stack } from '@mantine/core'
import { t } from '../i18n.ts'
import type { ImportKind } from '../wire.ts'
import { saidOf } from './reading.ts'
import type { StepProps } from './wizard.tsx'
import { kindLabel, kinds, kindWhy } from './words.ts'

/** What a file speaks about decides what may be missing from it; it is remembered for the source. */
export function KindChoice({ one, acts }: Pick<StepProps, 'one' | 'acts'>) {
  const said = saidOf(one)
  return (
    <Stack gap="md">
      {one.kind_is_guess && one.kind && (
        <Alert color="brass">{t('imports.kind_guess', { kind: kindLabel(one.kind) })}</Alert>
      )}
      <Radio.Group
        aria-label={t('imports.kind_title')}
        value={said.kind ?? one.kind ?? ''}
        onChange={(kind) => acts.revise({ kind: kind as ImportKind })}
      >
        <Stack gap="sm">
          {kinds.map((kind) => (
            <Radio key={kind} value={kind} label={kindLabel(kind)} description={kindWhy(kind)} />
          ))}
        </Stack>
      </Radio.Group>
      {one.kind_is_guess && one.kind && (
        <div>
          <Button variant="default" disabled={acts.busy} onClick={() => acts.revise({ kind: one.kind })}>
            {t('imports.kind_confirm')}
          </Button>
        </div>
      )}
      {one.kind !== 'changes' && (
        <NativeSelect
          maw={420}
          label={t('imports.missing_rule')}
          value={said.missing ?? one.missing_rule}
          data={[
            { value: 'settle', label: t('imports.missing_settle') },
            { value: 'keep', label: t('imports.missing_keep') },
          ]}
          onChange={(event) => acts.revise({ missing: event.currentTarget.value as 'settle' | 'keep' })}
        />
      )}
    </Stack>
  )
}
