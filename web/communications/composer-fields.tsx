import { Button, NativeSelect, Radio, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import chips from '../receivables/bucket-chips.module.css'
import { useFormat, useMe } from '../session.ts'
import { Loading } from '../shared/states.tsx'
import type { MessageTemplates } from '../wire.ts'
import classes from './communications.module.css'
import { ages, type Draft } from './reminders.ts'
import { TemplateFields } from './template-fields.tsx'
import { ageWord, kindWord, languageWord } from './words.ts'
import { instantOf, wallClock } from './zone.ts'

type Props = {
  outletId: number
  draft: Draft
  onChange: (changes: Partial<Draft>) => void
  closed: { next: string | null } | null
}

/** Channel, what is asked for, the words, and when. */
export function ComposerFields({ outletId, draft, onChange, closed }: Props) {
  const toggle = (age: string) => {
    const next = ages.filter((each) => (each === age) !== draft.ageing_buckets.includes(each))
    if (next.length > 0) onChange({ ageing_buckets: next })
  }
  return (
    <Stack gap="md">
      <SegmentedControl
        value={draft.kind}
        onChange={(value) => onChange({ kind: value as Draft['kind'], subject: null, message: null })}
        data={(['email', 'sms'] as const).map((value) => ({ value, label: kindWord(value) }))}
        aria-label={t('communications.channel')}
        fullWidth
      />
      <fieldset className={chips.chips} style={{ marginBottom: 0 }}>
        <legend className={classes.small}>{t('communications.ask_for')}</legend>
        {ages.map((age) => (
          <button
            key={age}
            type="button"
            className={chips.chip}
            aria-pressed={draft.ageing_buckets.includes(age)}
            onClick={() => toggle(age)}
          >
            {ageWord(age)}
          </button>
        ))}
      </fieldset>
      <Words outletId={outletId} draft={draft} onChange={onChange} />
      <When draft={draft} onChange={onChange} closed={closed} />
    </Stack>
  )
}

/** The template in force, or words for this once, which begin with it. */
function Words({ outletId, draft, onChange }: Omit<Props, 'closed'>) {
  const templates = useQuery({
    queryKey: ['message-templates', outletId],
    queryFn: ({ signal }) =>
      api<MessageTemplates>('GET', '/api/communications/templates', {
        query: { outlet_id: outletId },
        signal,
      }),
  })
  if (!templates.data) return <Loading lines={2} />
  const { items, words, languages } = templates.data
  const template = items.find(
    ({ kind, language }) => kind === draft.kind && language === (draft.language ?? 'en'),
  )
  return (
    <>
      <NativeSelect
        label={t('communications.template')}
        value={draft.language ?? ''}
        data={[
          { value: '', label: t('communications.language_of_place') },
          ...languages.map((value) => ({ value, label: languageWord(value) })),
        ]}
        onChange={(event) =>
          onChange({ language: event.currentTarget.value || null, subject: null, message: null })
        }
      />
      {draft.message === null ? (
        <div>
          <Button
            variant="default"
            size="compact-md"
            disabled={!template}
            onClick={() => onChange({ subject: template!.subject || null, message: template!.body })}
          >
            {t('communications.own_once')}
          </Button>
        </div>
      ) : (
        <>
          <TemplateFields
            kind={draft.kind}
            value={{ subject: draft.subject ?? '', body: draft.message }}
            onChange={({ subject, body }) => onChange({ subject: subject || null, message: body })}
            variables={words}
          />
          <div>
            <Button
              variant="default"
              size="compact-md"
              onClick={() => onChange({ subject: null, message: null })}
            >
              {t('communications.use_template')}
            </Button>
          </div>
        </>
      )}
    </>
  )
}

/** At once, or at a time in the organisation's time zone. */
function When({ draft, onChange, closed }: Omit<Props, 'outletId'>) {
  const me = useMe()
  const format = useFormat()
  const zone = me.tenant?.timezone ?? 'UTC'
  const [at, setAt] = useState('')
  const pick = (local: string) => {
    setAt(local)
    onChange({ send_at: local ? instantOf(local, zone) : null })
  }
  const later = draft.send_at !== null || at !== ''
  return (
    <Radio.Group
      label={t('communications.when')}
      value={later ? 'later' : 'now'}
      onChange={(value) =>
        value === 'now'
          ? pick('')
          : pick(wallClock(closed?.next ?? new Date(Date.now() + 3_600_000).toISOString(), zone))
      }
    >
      <Stack gap="xs" mt={6}>
        <Radio value="now" label={t('communications.now')} />
        <Radio value="later" label={t('communications.later')} />
        {later && (
          <>
            <TextInput
              type="datetime-local"
              label={t('communications.send_at')}
              value={at}
              min={`${format.today()}T00:00`}
              onChange={(event) => pick(event.currentTarget.value)}
            />
            <Text size="sm" c="dimmed">
              {t('communications.in_zone', { zone })}
            </Text>
          </>
        )}
      </Stack>
    </Radio.Group>
  )
}
