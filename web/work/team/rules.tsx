import { ActionIcon, Badge, Button, Group, Switch, Text } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconPlus } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { api, ifMatchOf } from '../../api.ts'
import { t } from '../../i18n.ts'
import { useFormat } from '../../session.ts'
import type { Formatter } from '../../shared/format.ts'
import { Section } from '../../shared/section.tsx'
import { Loaded } from '../../shared/states.tsx'
import { done, failed } from '../../shared/toast.tsx'
import type { Rule } from '../../wire.ts'
import { writtenCause } from '../words.ts'
import classes from '../work.module.css'

// Its fields weigh more than the page.
const RuleForm = lazy(() => import('./rule-form.tsx'))

/** Rules in the order in which they are asked; they run after each import and when one says so. */
export function Rules({ onApply }: { onApply: () => void }) {
  const client = useQueryClient()
  const format = useFormat()
  const [editing, setEditing] = useState<Rule | 'new' | null>(null)
  const rules = useQuery({
    queryKey: ['assignment-rules'],
    queryFn: () => api<{ items: Rule[] }>('GET', '/api/receivables/assignment-rules'),
  })
  const again = () =>
    Promise.all([['assignment-rules'], ['team']].map((queryKey) => client.invalidateQueries({ queryKey })))
  const act = async (work: Promise<unknown>) => {
    await work.catch(failed)
    await again()
  }
  const move = (items: Rule[], at: number, by: 1 | -1) => {
    const ids = items.map(({ id }) => id)
    ;[ids[at], ids[at + by]] = [ids[at + by]!, ids[at]!]
    return act(api('POST', '/api/receivables/assignment-rules/order', { body: { rule_ids: ids } }))
  }
  const remove = async (rule: Rule) => {
    await act(
      api('DELETE', `/api/receivables/assignment-rules/${rule.id}`, {
        ifMatch: ifMatchOf(null, rule.version),
      }).then(() =>
        done(t('work.rule_removed', { name: rule.name }), () =>
          api('POST', '/api/receivables/assignment-rules', { body: inputOf(rule) }).then(again),
        ),
      ),
    )
  }
  return (
    <Section
      title={t('work.rules')}
      why={t('work.rules_why')}
      actions={
        <Group gap="xs">
          {rules.data && rules.data.items.length > 0 && (
            <Button variant="default" onClick={onApply}>
              {t('work.preview')}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconPlus size={17} aria-hidden />}
            onClick={() => setEditing('new')}
          >
            {t('work.add_rule')}
          </Button>
        </Group>
      }
    >
      <Loaded query={rules} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Text c="dimmed">{t('work.no_rules')}</Text>
          ) : (
            <ol className={classes.list}>
              {items.map((rule, at) => (
                <li key={rule.id} className={classes.task}>
                  <Text c="dimmed" className="figure">
                    {format.number(at + 1)}
                  </Text>
                  <div className={classes.taskWords}>
                    <Group gap="xs">
                      <Text fw={600}>{rule.name}</Text>
                      {!rule.is_on && <Badge color="gray">{t('work.rule_off')}</Badge>}
                    </Group>
                    <Text size="sm" c="dimmed">
                      {conditionsOf(rule, format)} →{' '}
                      {rule.people.map(({ full_name }) => full_name).join(', ')}
                    </Text>
                  </div>
                  <Group gap={4}>
                    <Switch
                      size="md"
                      checked={rule.is_on}
                      aria-label={t('work.rule_on', { name: rule.name })}
                      onChange={(event) =>
                        void act(
                          api('PUT', `/api/receivables/assignment-rules/${rule.id}`, {
                            body: { ...inputOf(rule), is_on: event.currentTarget.checked },
                            ifMatch: ifMatchOf(null, rule.version),
                          }),
                        )
                      }
                    />
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      disabled={at === 0}
                      aria-label={t('work.rule_up', { name: rule.name })}
                      onClick={() => void move(items, at, -1)}
                    >
                      <IconArrowUp size={17} aria-hidden />
                    </ActionIcon>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      disabled={at === items.length - 1}
                      aria-label={t('work.rule_down', { name: rule.name })}
                      onClick={() => void move(items, at, 1)}
                    >
                      <IconArrowDown size={17} aria-hidden />
                    </ActionIcon>
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      aria-label={t('work.change_person', { name: rule.name })}
                      onClick={() => setEditing(rule)}
                    >
                      {t('receivables.edit')}
                    </Button>
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      color="red"
                      aria-label={t('work.remove_person', { name: rule.name })}
                      onClick={() => void remove(rule)}
                    >
                      {t('work.remove')}
                    </Button>
                  </Group>
                </li>
              ))}
            </ol>
          )
        }
      </Loaded>
      <Suspense>
        {editing && (
          <RuleForm
            rule={editing === 'new' ? undefined : editing}
            onClose={() => setEditing(null)}
            onDone={again}
          />
        )}
      </Suspense>
    </Section>
  )
}

/** A rule as it is sent: without its names. */
export const inputOf = ({ people, ...rule }: Rule) => ({
  name: rule.name,
  is_on: rule.is_on,
  region_id: rule.region_id,
  customer_id: rule.customer_id,
  root_cause: rule.root_cause,
  currency: rule.currency,
  amount_min: rule.amount_min,
  amount_max: rule.amount_max,
  name_from: rule.name_from,
  name_to: rule.name_to,
  balance: rule.balance,
  whole_customer: rule.whole_customer,
  user_ids: people.map(({ id }) => id),
})

/** A rule as a sentence. */
function conditionsOf(rule: Rule, format: Formatter): string {
  const money = (amount: number) => format.money(amount, rule.currency ?? undefined)
  const { amount_min: min, amount_max: max } = rule
  const cause = writtenCause(rule.root_cause)
  const parts = [
    rule.region && t('work.if_region', { region: rule.region }),
    rule.customer_name && t('work.if_customer', { customer: rule.customer_name }),
    cause && t('work.if_cause', { cause }),
    rule.name_from && rule.name_to
      ? t('work.if_letters', { from: rule.name_from, to: rule.name_to })
      : rule.name_from
        ? t('work.if_letters_from', { from: rule.name_from })
        : rule.name_to && t('work.if_letters_to', { to: rule.name_to }),
    min !== null && max !== null
      ? t('work.if_amount', { min: money(min), max: money(max) })
      : min !== null
        ? t('work.if_amount_min', { min: money(min) })
        : max !== null && t('work.if_amount_max', { max: money(max) }),
    rule.people.length > 1 && t(rule.balance === 'amount' ? 'work.shared_amount' : 'work.shared_count'),
    !rule.whole_customer && t('work.invoice_alone'),
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(', ') : t('work.if_any')
}
