import { Badge, Button, Group, NativeSelect, SegmentedControl, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useMe } from '../../session.ts'
import { fieldErrors } from '../../shared/error-text.ts'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Failed, Forbidden, Loaded, Loading } from '../../shared/states.tsx'
import { done } from '../../shared/toast.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { MessageTemplate, MessageTemplates, TemplatePreview } from '../../wire.ts'
import classes from '../communications.module.css'
import { MailFrame } from '../mail-frame.tsx'
import { mayConfigure, mayReadMessages, maySend } from '../may.ts'
import { PlaceChoice, usePlaces } from '../places.tsx'
import { SmsBubble } from '../sms-bubble.tsx'
import { CommunicationTabs } from '../tabs.tsx'
import { TemplateFields } from '../template-fields.tsx'
import { kindWord, languageWord } from '../words.ts'

const root = '/api/communications/templates'

/** The words of reminders, of the organisation or of one pharmacy, in each language. */
export default function Templates() {
  const me = useMe()
  const may = mayReadMessages(me) || mayConfigure(me)
  return (
    <Page title={t('communications.tab_templates')} lead={t('communications.templates_lead')}>
      {may ? (
        <>
          <CommunicationTabs />
          <OfPlace />
        </>
      ) : (
        <Forbidden permission="debtors.read" />
      )}
    </Page>
  )
}

function OfPlace() {
  const me = useMe()
  const [filters, set] = useFilters(['outlet', 'kind', 'language'])
  const places = usePlaces()
  const outletId = filters.outlet ? Number(filters.outlet) : null
  const kind = filters.kind === 'sms' ? 'sms' : 'email'
  const templates = useQuery({
    queryKey: ['message-templates', outletId],
    queryFn: ({ signal }) => api<MessageTemplates>('GET', root, { query: { outlet_id: outletId }, signal }),
  })
  const place = places.data?.find(({ pharmacy_id }) => pharmacy_id === outletId)
  const mayChange = outletId === null ? mayConfigure(me) : maySend(me) && place?.can_write === true
  return (
    <>
      <PlaceChoice places={places.data ?? []} value={outletId} onChange={(id) => set({ outlet: id })} />
      <Loaded query={templates} lines={10}>
        {({ items, words, languages }) => {
          const language = filters.language ?? languages[0] ?? 'en'
          const template = items.find((each) => each.kind === kind && each.language === language)
          return (
            <>
              <Group align="flex-end" mb="md">
                <SegmentedControl
                  value={kind}
                  onChange={(value) => set({ kind: value === 'email' ? undefined : value })}
                  data={(['email', 'sms'] as const).map((value) => ({ value, label: kindWord(value) }))}
                  aria-label={t('communications.channel')}
                />
                <NativeSelect
                  label={t('communications.language')}
                  value={language}
                  data={languages.map((value) => ({ value, label: languageWord(value) }))}
                  onChange={(event) => set({ language: event.currentTarget.value })}
                />
              </Group>
              {template && (
                <Editor
                  key={`${outletId} ${kind} ${language} ${template.id} ${template.version}`}
                  template={template}
                  outletId={outletId}
                  variables={words}
                  mayChange={mayChange}
                />
              )}
            </>
          )
        }}
      </Loaded>
    </>
  )
}

function Editor({
  template,
  outletId,
  variables,
  mayChange,
}: {
  template: MessageTemplate
  outletId: number | null
  variables: string[]
  mayChange: boolean
}) {
  const client = useQueryClient()
  const { kind, language } = template
  const [words, setWords] = useState({ subject: template.subject, body: template.body })
  const refresh = () => client.invalidateQueries({ queryKey: ['message-templates'] })
  const { busy, error, submit } = useSubmit(async () => {
    await api('PUT', root, {
      body: { kind, language, ...words, ...(outletId === null ? {} : { outlet_id: outletId }) },
    })
    done(t('core.saved'))
    await refresh()
  })
  const drop = useSubmit(async () => {
    await api('DELETE', `${root}/${template.id}`)
    done(t('communications.template_dropped'))
    await refresh()
  })
  const isOwn = template.origin === (outletId === null ? 'organisation' : 'outlet')
  const changed = words.subject !== template.subject || words.body !== template.body
  const fields = fieldErrors(error)
  return (
    <div className={classes.columns}>
      <Section
        title={t('communications.words')}
        why={t(`communications.origin_${template.origin}`)}
        actions={isOwn && <Badge>{t('communications.own_words')}</Badge>}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void submit({})
          }}
        >
          <Stack gap="md">
            {Object.keys(fields).length === 0 && <FormError error={error ?? drop.error} />}
            <TemplateFields
              kind={kind}
              value={words}
              onChange={setWords}
              variables={variables}
              disabled={!mayChange}
              errors={fields}
            />
            {mayChange && (
              <Group>
                <Button type="submit" loading={busy} disabled={!changed || !words.body.trim()}>
                  {t('core.save')}
                </Button>
                {changed && (
                  <Button
                    variant="default"
                    onClick={() => setWords({ subject: template.subject, body: template.body })}
                  >
                    {t('communications.discard')}
                  </Button>
                )}
                {isOwn && !changed && (
                  <Button variant="default" loading={drop.busy} onClick={() => void drop.submit({})}>
                    {t('communications.drop_template')}
                  </Button>
                )}
              </Group>
            )}
          </Stack>
        </form>
      </Section>
      <Section title={t('communications.preview')} why={t('communications.preview_why')}>
        <Preview kind={kind} language={language} outletId={outletId} words={words} />
      </Section>
    </div>
  )
}

/** As the words stand now, filled in for somebody of the list, or for an example. */
function Preview({
  kind,
  language,
  outletId,
  words,
}: {
  kind: 'email' | 'sms'
  language: string
  outletId: number | null
  words: { subject: string; body: string }
}) {
  const [typed] = useDebouncedValue(words, 300)
  const preview = useQuery({
    queryKey: ['template-preview', kind, language, outletId, typed],
    queryFn: ({ signal }) =>
      api<TemplatePreview>('POST', `${root}/preview`, {
        body: { kind, language, ...typed, ...(outletId === null ? {} : { outlet_id: outletId }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    enabled: typed.body.trim() !== '',
    retry: false,
  })
  if (preview.error instanceof ApiError && preview.error.status < 500)
    return (
      <Text role="status" c="red">
        {preview.error.errors[0]?.message ?? preview.error.detail}
      </Text>
    )
  if (preview.isError) return <Failed error={preview.error} onRetry={() => preview.refetch()} />
  if (!preview.data) return <Loading lines={5} />
  return kind === 'sms' ? (
    <SmsBubble text={preview.data.text} parts={preview.data.parts ?? 1} encoding={preview.data.encoding} />
  ) : (
    <MailFrame subject={preview.data.subject ?? ''} html={preview.data.html} text={preview.data.text} />
  )
}
