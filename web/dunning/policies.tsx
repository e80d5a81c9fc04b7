import {
  Badge,
  Button,
  Checkbox,
  Drawer,
  Group,
  NativeSelect,
  NumberInput,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { FormError, required, useSubmit } from '../shared/form.tsx'
import { Section } from '../shared/section.tsx'
import { done, failed } from '../shared/toast.tsx'
import type { DunningPolicies, DunningPolicy, DunningPolicyInput } from '../wire.ts'
import { Begin } from './begin.tsx'
import classes from './dunning.module.css'
import { channelWord } from './words.tsx'

/** The policies, and the editor of one. */
export function Policies({ answer }: { answer: DunningPolicies }) {
  const client = useQueryClient()
  const [edited, setEdited] = useState<DunningPolicy | 'new' | null>(null)
  const refresh = () => client.invalidateQueries({ queryKey: ['dunning'] })
  if (answer.items.length === 0 && edited === null) return <Begin onDone={() => void refresh()} />
  const archive = (policy: DunningPolicy) =>
    api('DELETE', `/api/receivables/dunning/policies/${policy.id}`)
      .then(refresh)
      .then(() => done(t('dunning.archived')), failed)
  return (
    <Stack gap="md">
      <Group>
        <Button onClick={() => setEdited('new')}>{t('dunning.add_policy')}</Button>
      </Group>
      {answer.items.map((policy) => (
        <Section
          key={policy.id}
          title={policy.name}
          why={t('dunning.policy_customers', { count: policy.is_default ? 0 : policy.customer_count })}
          actions={
            <Group gap="xs">
              {policy.is_default && <Badge variant="light">{t('dunning.default')}</Badge>}
              <Button variant="default" size="compact-md" onClick={() => setEdited(policy)}>
                {t('dunning.edit')}
              </Button>
              {!policy.is_default && (
                <Button variant="subtle" size="compact-md" onClick={() => void archive(policy)}>
                  {t('dunning.archive')}
                </Button>
              )}
            </Group>
          }
        >
          <ol className={classes.list}>
            {policy.steps.map((step) => (
              <li key={step.step} className={classes.item}>
                {t('dunning.step_line', { days: step.delay_days, channel: channelWord(step.channel) })}
                <Text size="sm" c="dimmed">
                  {step.subject}
                </Text>
              </li>
            ))}
          </ol>
        </Section>
      ))}
      {edited && (
        <Editor
          policy={edited === 'new' ? null : edited}
          placeholders={answer.placeholders}
          onClose={() => setEdited(null)}
          onDone={() => {
            setEdited(null)
            void refresh()
          }}
        />
      )}
    </Stack>
  )
}

const fresh = (after: number) => ({
  delay_days: after,
  gap_days: 7,
  channel: 'email' as const,
  language: 'en',
  subject: '{{organisation}}: {{amount}}',
  body: 'Dear {{customer}},\n\n{{invoices}}\n',
})

function Editor({
  policy,
  placeholders,
  onClose,
  onDone,
}: {
  policy: DunningPolicy | null
  placeholders: string[]
  onClose: () => void
  onDone: () => void
}) {
  const form = useForm<DunningPolicyInput & { steps: ReturnType<typeof stepOf>[] }>({
    initialValues: policy
      ? { name: policy.name, is_default: policy.is_default, steps: policy.steps.map(stepOf) }
      : { name: '', is_default: false, steps: [fresh(3)].map(stepOf) },
    validate: { name: required, steps: { body: required } },
  })
  const { busy, error, submit } = useSubmit(async (values: DunningPolicyInput) => {
    if (policy)
      await api('PUT', `/api/receivables/dunning/policies/${policy.id}`, {
        body: values,
        ifMatch: `"${policy.version}"`,
      })
    else await api('POST', '/api/receivables/dunning/policies', { body: values })
    done(t('dunning.saved'))
    onDone()
  }, form)
  const { steps } = form.values
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={640}
      title={policy?.name ?? t('dunning.add_policy')}
    >
      <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('dunning.policy_name')}
            required
            maxLength={120}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Checkbox
            label={t('dunning.is_default')}
            {...form.getInputProps('is_default', { type: 'checkbox' })}
          />
          <Text size="sm" c="dimmed">
            {t('dunning.placeholders', { names: placeholders.map((name) => `{{${name}}}`).join(' ') })}
          </Text>
          {steps.map((_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place
            <fieldset key={at} className={classes.step}>
              <legend>{t('dunning.step_n', { step: at + 1 })}</legend>
              <Stack gap="sm">
                <SimpleGrid cols={{ base: 1, sm: 2 }}>
                  <NumberInput
                    label={t('dunning.delay')}
                    min={-60}
                    max={3650}
                    allowDecimal={false}
                    {...form.getInputProps(`steps.${at}.delay_days`)}
                  />
                  <NumberInput
                    label={t('dunning.gap')}
                    min={0}
                    max={3650}
                    allowDecimal={false}
                    {...form.getInputProps(`steps.${at}.gap_days`)}
                  />
                  <NativeSelect
                    label={t('dunning.channel')}
                    data={(['email', 'sms', 'letter', 'call'] as const).map((value) => ({
                      value,
                      label: channelWord(value),
                    }))}
                    {...form.getInputProps(`steps.${at}.channel`)}
                  />
                  <TextInput
                    label={t('dunning.language')}
                    maxLength={5}
                    {...form.getInputProps(`steps.${at}.language`)}
                  />
                </SimpleGrid>
                <TextInput
                  label={t('dunning.subject')}
                  maxLength={200}
                  {...form.getInputProps(`steps.${at}.subject`)}
                />
                <Textarea
                  label={t('dunning.body')}
                  autosize
                  minRows={4}
                  maxRows={14}
                  maxLength={8000}
                  required
                  {...form.getInputProps(`steps.${at}.body`)}
                />
                {steps.length > 1 && (
                  <Button
                    variant="subtle"
                    size="compact-md"
                    onClick={() => form.removeListItem('steps', at)}
                    style={{ alignSelf: 'flex-start' }}
                  >
                    {t('dunning.remove_step', { step: at + 1 })}
                  </Button>
                )}
              </Stack>
            </fieldset>
          ))}
          <Button
            variant="default"
            onClick={() =>
              form.insertListItem('steps', stepOf(fresh(Number(steps.at(-1)?.delay_days ?? 0) + 14)))
            }
          >
            {t('dunning.add_step')}
          </Button>
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy}>
              {t('dunning.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Drawer>
  )
}
const stepOf = ({
  delay_days,
  gap_days,
  channel,
  language,
  subject,
  body,
}: Omit<DunningPolicy['steps'][number], 'step'>) => ({
  delay_days,
  gap_days,
  channel,
  language,
  subject,
  body,
})
