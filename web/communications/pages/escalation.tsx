import { Button, Checkbox, Group, NumberInput, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { can, useMe } from '../../session.ts'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import { done } from '../../shared/toast.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import type { Escalation, EscalationStep, ListedPharmacy } from '../../wire.ts'
import classes from '../communications.module.css'
import { PharmacyChoice, usePlaces } from '../places.tsx'
import { CommunicationTabs } from '../tabs.tsx'
import { TemplateFields } from '../template-fields.tsx'
import { ageWord, kindWord, templateWords } from '../words.ts'

const buckets = ['d30', 'd60', 'd90', 'd120', 'd150', 'd180'] as const
const kinds = ['email', 'sms'] as const

/** What a pharmacy does about a debt by its age: nothing, an e-mail, a text, with words of its own. */
export default function EscalationPage() {
  const may = can(useMe(), 'debtors.read')
  const places = usePlaces()
  const [{ outlet }, set] = useFilters(['outlet'])
  return (
    <Page title={t('communications.escalation')} lead={t('communications.escalation_lead')}>
      {may ? (
        <>
          <CommunicationTabs />
          <Loaded query={places} lines={8}>
            {(all) => {
              const place = all.find(({ pharmacy_id }) => String(pharmacy_id) === outlet) ?? all[0]
              if (!place)
                return (
                  <Empty title={t('communications.no_place')} why={t('communications.no_pharmacies_why')} />
                )
              return (
                <>
                  <PharmacyChoice
                    places={all}
                    value={place.pharmacy_id}
                    onChange={(id) => set({ outlet: id })}
                  />
                  <OfPlace key={place.pharmacy_id} place={place} />
                </>
              )
            }}
          </Loaded>
        </>
      ) : (
        <Forbidden permission="debtors.read" />
      )}
    </Page>
  )
}

function OfPlace({ place }: { place: ListedPharmacy }) {
  const me = useMe()
  const path = `/pharmacies/${place.pharmacy_id}/escalation`
  const policy = useQuery({
    queryKey: ['escalation', place.pharmacy_id],
    queryFn: ({ signal }) => api<Escalation>('GET', path, { signal }),
  })
  return (
    <Loaded query={policy} lines={8}>
      {(data) => (
        <Editor
          key={JSON.stringify(data.steps)}
          policy={data}
          path={path}
          outlet={place.pharmacy_id}
          mayChange={place.can_write && can(me, 'debtors.send')}
        />
      )}
    </Loaded>
  )
}

function Editor({
  policy,
  path,
  outlet,
  mayChange,
}: {
  policy: Escalation
  path: string
  outlet: number
  mayChange: boolean
}) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [steps, setSteps] = useState<EscalationStep[]>(policy.steps)
  const { busy, error, submit } = useSubmit(async () => {
    const saved = await api<Escalation>('PUT', path, { body: { steps } })
    client.setQueryData(['escalation', outlet], saved)
    done(t('core.saved'))
  })
  const making = useSubmit(async () => {
    const { campaigns } = await api<{ campaigns: unknown[] }>('POST', `${path}/campaigns`)
    await client.invalidateQueries({ queryKey: ['campaigns'] })
    done(t('communications.campaigns_made', { count: campaigns.length }))
    await navigate({
      to: '/communications' as string,
      search: { outlet: String(outlet), state: 'draft' } as never,
    })
  })
  const is = (step: EscalationStep, bucket: string, kind: string) =>
    step.bucket === bucket && step.kind === kind
  const set = (
    bucket: (typeof buckets)[number],
    kind: (typeof kinds)[number],
    step: EscalationStep | null,
  ) => {
    const others = steps.filter((each) => !is(each, bucket, kind))
    setSteps(step ? [...others, step] : others)
  }
  const changed = JSON.stringify(steps) !== JSON.stringify(policy.steps)
  return (
    <Stack gap="lg">
      <FormError error={error ?? making.error} />
      {buckets.map((bucket) => (
        <Section key={bucket} title={t('communications.oldest', { age: ageWord(bucket) })}>
          <Stack gap="md">
            {kinds.map((kind) => {
              const step = steps.find((each) => is(each, bucket, kind))
              return (
                <Step
                  key={kind}
                  kind={kind}
                  bucket={bucket}
                  step={step}
                  currency={policy.currency}
                  disabled={!mayChange}
                  onChange={(next) => set(bucket, kind, next)}
                />
              )
            })}
          </Stack>
        </Section>
      ))}
      {mayChange && (
        <section className={classes.acts} aria-label={t('communications.acts')}>
          <Button loading={busy} disabled={!changed} onClick={() => void submit({})}>
            {t('core.save')}
          </Button>
          <Button
            variant="default"
            loading={making.busy}
            disabled={changed || policy.steps.length === 0}
            onClick={() => void making.submit({})}
          >
            {t('communications.make_campaigns')}
          </Button>
          <Text size="sm" c="dimmed">
            {t('communications.make_campaigns_why')}
          </Text>
        </section>
      )}
    </Stack>
  )
}

function Step({
  kind,
  bucket,
  step,
  currency,
  disabled,
  onChange,
}: {
  kind: (typeof kinds)[number]
  bucket: (typeof buckets)[number]
  step: EscalationStep | undefined
  currency: string
  disabled: boolean
  onChange: (step: EscalationStep | null) => void
}) {
  return (
    <div>
      <Checkbox
        label={kindWord(kind)}
        checked={step !== undefined}
        disabled={disabled}
        onChange={(event) =>
          onChange(
            event.currentTarget.checked
              ? { bucket, kind, subject: null, message: null, min_amount: 0 }
              : null,
          )
        }
      />
      {step && (
        <Stack gap="sm" mt="sm" ml={34}>
          <Group align="flex-end" gap="md">
            <NumberInput
              label={t('communications.min_amount', { currency })}
              min={0}
              decimalScale={2}
              value={step.min_amount}
              disabled={disabled}
              onChange={(value) => onChange({ ...step, min_amount: typeof value === 'number' ? value : 0 })}
            />
            {!disabled && (
              <Button
                variant="default"
                onClick={() =>
                  onChange(
                    step.message === null
                      ? { ...step, subject: '', message: '' }
                      : { ...step, subject: null, message: null },
                  )
                }
              >
                {step.message === null
                  ? t('communications.own_words_here')
                  : t('communications.use_template')}
              </Button>
            )}
          </Group>
          {step.message !== null && (
            <TemplateFields
              kind={kind}
              value={{ subject: step.subject ?? '', body: step.message }}
              onChange={({ subject, body }) => onChange({ ...step, subject, message: body })}
              variables={templateWords}
              disabled={disabled}
            />
          )}
        </Stack>
      )}
    </div>
  )
}
