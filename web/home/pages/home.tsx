import { Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api.ts'
import { type MessageKey, t } from '../../i18n.ts'
import { AgeingBar } from '../../receivables/ageing-bar.tsx'
import { overdue } from '../../receivables/buckets.ts'
import { can, useFormat, useMe } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Section } from '../../shared/section.tsx'
import { Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { morningOf, navigationFor } from '../../shell/nav.ts'
import type { Ageing } from '../../wire.ts'
import { Checklist } from '../checklist.tsx'
import { DemoBanner } from '../demo-banner.tsx'
import classes from '../home.module.css'
import { LastImport } from '../last-import.tsx'

/** What each role comes for: the state of the books, the next step of setting up, or simply where to go. */
export default function Home() {
  const me = useMe()
  const sees = can(me, 'receivables.read')
  const administers = can(me, 'settings.write')
  const morning = morningOf(me)
  return (
    <Page
      title={t('home.title', { name: (me.full_name || me.username).split(' ')[0]! })}
      lead={me.tenant ? t('home.lead', { organisation: me.tenant.name }) : t('home.no_organisation')}
      actions={
        morning && (
          <Button component={Link} to={morning}>
            {t(morning === '/insights/region' ? 'home.my_region' : 'home.my_customers')}
          </Button>
        )
      }
    >
      <Stack gap="lg">
        {administers && <DemoBanner />}
        {sees && <OpenAmounts />}
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: 'start' }}>
          {can(me, 'receivables.import') && <LastImport />}
          {administers && <Checklist />}
        </SimpleGrid>
        <Places />
      </Stack>
    </Page>
  )
}

function OpenAmounts() {
  const me = useMe()
  const format = useFormat()
  const ageing = useQuery({
    queryKey: ['ageing', { group_by: 'none' }],
    queryFn: () => api<Ageing>('GET', '/api/receivables/ageing', { query: { group_by: 'none' } }),
  })
  return (
    <Section
      title={t('home.open')}
      why={ageing.data && t('home.as_of', { day: format.day(ageing.data.as_of) })}
      actions={<TextLink to="/receivables/ageing">{t('home.whole_report')}</TextLink>}
    >
      <Loaded query={ageing} lines={4}>
        {({ totals, currency }) =>
          totals.total === 0 && totals.buckets.every((bucket) => bucket.count === 0) ? (
            <Group justify="space-between">
              <Text>{t(can(me, 'receivables.import') ? 'home.nothing_open' : 'home.nothing_seen')}</Text>
              {can(me, 'receivables.import') && (
                <Button component={Link} to="/imports">
                  {t('core.do_import')}
                </Button>
              )}
            </Group>
          ) : (
            <>
              <dl className={classes.figures}>
                <Figure label={t('core.total_open')} value={format.money(totals.total, currency)} />
                <Figure
                  label={t('core.overdue')}
                  value={format.money(overdue(totals.buckets), currency)}
                  note={t('core.overdue_share', {
                    share: format.percent(totals.total > 0 ? overdue(totals.buckets) / totals.total : 0),
                  })}
                />
                <Figure
                  label={t('home.invoices')}
                  value={format.number(totals.buckets.reduce((sum, bucket) => sum + bucket.count, 0))}
                />
              </dl>
              <AgeingBar buckets={totals.buckets} currency={currency} />
            </>
          )
        }
      </Loaded>
    </Section>
  )
}

function Figure({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <span className={`figure ${classes.figure}`}>{value}</span>
        {note && <span className={classes.note}>{note}</span>}
      </dd>
    </div>
  )
}

const purposes: Record<string, MessageKey> = {
  '/receivables/invoices': 'home.for_invoices',
  '/receivables/customers': 'home.for_customers',
  '/receivables/ageing': 'home.for_ageing',
  '/insights': 'home.for_insights',
  '/imports': 'home.for_imports',
  '/imports/missing': 'home.for_missing',
  '/admin/users': 'home.for_users',
  '/admin/roles': 'home.for_roles',
  '/admin/organisation': 'home.for_organisation',
  '/admin/audit': 'home.for_audit',
  '/admin/organisations': 'home.for_organisations',
}

/** Everything that this person may open, with what it is for. */
function Places() {
  const me = useMe()
  const items = navigationFor(me)
    .flatMap((group) => group.items)
    .filter((item) => item.to !== '/')
  return (
    <section aria-labelledby="places">
      <Title order={2} size="h4" id="places" mb="sm">
        {t('home.you_can')}
      </Title>
      {items.length === 0 ? (
        <Text c="dimmed">{t('home.nothing_yet')}</Text>
      ) : (
        <ul className={classes.places}>
          {items.map((item) => (
            <li key={item.to}>
              <Link to={item.to} className={classes.place!}>
                <item.icon size={20} stroke={1.6} aria-hidden />
                <span>
                  <span className={classes.placeName}>{t(item.label)}</span>
                  {purposes[item.to] && <span className={classes.note}>{t(purposes[item.to]!)}</span>}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
