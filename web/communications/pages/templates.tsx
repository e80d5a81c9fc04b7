import { Badge, Button, Group, NativeSelect, SegmentedControl, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useMe } from '../../session.ts'
import { fieldErrors } from '../../shared/error-text.ts'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Forbidden, Loaded, Loading } from '../../shared/states.tsx'
import { done } from '../../shared/toast.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { DebtorList, MessageTemplate, MessageTemplates } from '../../wire.ts'
import classes from '../communications.module.css'
import { mayConfigure, mayReadMessages, maySend } from '../may.ts'
import { PlaceChoice, usePlaces } from '../places.tsx'
import { ReminderPreview } from '../preview.tsx'
import { arrears } from '../reminders.ts'
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
                  example={outletId ?? places.data?.[0]?.pharmacy_id}
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
  example,
  variables,
  mayChange,
}: {
  template: MessageTemplate
  outletId: number | null
  /** Whose debtors the preview shows. */
  example: number | undefined
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
        <Preview kind={kind} language={language} outlet={example} words={words} />
      </Section>
    </div>
  )
}

/** As the words stand now, filled in for somebody of the list: the organisation's own for somebody of its first pharmacy. */
function Preview({
  kind,
  language,
  outlet,
  words,
}: {
  kind: 'email' | 'sms'
  language: string
  outlet: number | undefined
  words: { subject: string; body: string }
}) {
  const [typed] = useDebouncedValue(words, 300)
  const [chosen, setChosen] = useState<string | undefined>()
  const people = useQuery({
    queryKey: ['debtors', 'examples', outlet],
    enabled: outlet !== undefined,
    queryFn: ({ signal }) =>
      api<DebtorList>('GET', `/pharmacies/${outlet}/debtors`, { query: { per_page: 20 }, signal }),
  })
  if (outlet !== undefined && people.isPending) return <Loading lines={5} />
  const debtors = people.data?.debtors ?? []
  const debtor = debtors.find(({ id }) => String(id) === chosen) ?? debtors[0]
  if (outlet === undefined || !debtor) return <Text c="dimmed">{t('communications.no_example')}</Text>
  return (
    <Stack gap="md">
      <NativeSelect
        label={t('communications.as_for')}
        value={String(debtor.id)}
        data={debtors.map(({ id, name }) => ({ value: String(id), label: name }))}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <ReminderPreview
        outlet={String(outlet)}
        debtor={debtor.id}
        draft={{
          kind,
          language,
          ageing_buckets: [...arrears],
          subject: kind === 'email' ? typed.subject || null : null,
          message: typed.body.trim() || null,
        }}
      />
    </Stack>
  )
}
