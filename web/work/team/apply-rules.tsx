import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { t } from '../../i18n.ts'
import { saidAssigned } from '../../receivables/assigned.ts'
import { useFormat } from '../../session.ts'
import { DataTable } from '../../shared/data-table.tsx'
import { FormError, useSubmit } from '../../shared/form.tsx'
import { Loaded } from '../../shared/states.tsx'
import type { Applied } from '../../wire.ts'

/** Who would get what by the rules; then gives it. */
export function ApplyRules({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const post = (dry_run: boolean) =>
    api<Applied>('POST', '/api/receivables/assignment-rules/apply', { body: { dry_run } })
  const preview = useQuery({
    queryKey: ['team', 'apply'],
    queryFn: () => post(true),
    staleTime: 0,
    gcTime: 0,
  })
  const { busy, error, submit } = useSubmit(async () => {
    const applied = await post(false)
    onClose()
    await saidAssigned(client, t('receivables.assigned_many', { count: countOf(applied) }), applied.act_id)
  })
  const count = preview.data ? countOf(preview.data) : 0
  return (
    <Modal opened onClose={onClose} size="xl" title={t('work.apply_title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit({})
        }}
      >
        <Stack gap="md">
          <Loaded query={preview} lines={5}>
            {(data) => <Preview data={data} />}
          </Loaded>
          <FormError error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} data-autofocus>
              {t('core.cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={count === 0}>
              {t('receivables.assign_count', { count })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

const countOf = (applied: Applied) => applied.people.reduce((sum, { count }) => sum + count, 0)

function Preview({ data }: { data: Applied }) {
  const format = useFormat()
  const money = (totals: Applied['left']['totals']) =>
    totals.map(({ currency, open_amount }) => format.money(open_amount, currency)).join(', ') || '–'
  return (
    <div role="status">
      {data.people.length > 0 ? (
        <DataTable
          caption={t('work.apply_title')}
          rows={data.people}
          rowKey={(person) => person.id}
          columns={[
            { key: 'name', header: t('work.person'), title: true, cell: (person) => person.full_name },
            {
              key: 'count',
              header: t('work.gets'),
              align: 'right',
              cell: (person) => t('work.gets_count', { count: person.count, customers: person.customers }),
            },
            {
              key: 'money',
              header: t('receivables.amount'),
              align: 'right',
              cell: (person) => money(person.totals),
            },
            {
              key: 'has',
              header: t('work.then_has'),
              align: 'right',
              cell: (person) => t('work.from_to', { from: person.had, to: person.has }),
            },
          ]}
        />
      ) : (
        <Text>{t('work.apply_none')}</Text>
      )}
      <ul style={{ margin: '12px 0 0', paddingInlineStart: 20 }}>
        {data.rules
          .filter(({ count }) => count > 0)
          .map((rule) => (
            <li key={rule.id ?? 0}>
              <Text size="sm">
                {t('work.rule_gives', {
                  rule: rule.name ?? t('work.by_customer'),
                  count: rule.count,
                  amounts: money(rule.totals),
                })}{' '}
                <Text span c="dimmed">
                  {rule.people
                    .map(({ full_name, examples }) =>
                      t('work.rule_person', { name: full_name, examples: examples.join(', ') }),
                    )
                    .join('; ')}
                </Text>
              </Text>
            </li>
          ))}
      </ul>
      {data.left.count > 0 && (
        <Text size="sm" mt="xs">
          {t('work.left', { count: data.left.count, amounts: money(data.left.totals) })}
        </Text>
      )}
    </div>
  )
}
