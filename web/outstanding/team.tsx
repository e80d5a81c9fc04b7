import { Button, Text } from '@mantine/core'
import { t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { Section } from '../shared/section.tsx'
import type { OutstandingChoices, SheetCustomer } from '../wire.ts'
import classes from './team.module.css'
import { leads, regionName } from './words.ts'

type Props = {
  choices: OutstandingChoices
  rows: SheetCustomer[]
  engineer: string | undefined
  onEngineer: (id: string | undefined) => void
}

/** Who leads whom: country managers, then each region with its managers and engineers. */
export function Team({ choices, rows, engineer, onEngineer }: Props) {
  const format = useFormat()
  const { team } = choices
  const top = team.filter(({ role }) => leads(role))
  const below = team.filter(({ role }) => role === 'Manager' || role === 'Engineer')
  const regions = [...Map.groupBy(below, ({ region }) => region ?? '')].toSorted(([a], [b]) =>
    a.localeCompare(b),
  )
  const load = (id: string | null) => {
    const own = rows.filter((row) => row.assignedEngineerId === id)
    return t('outstanding.team_customers', {
      count: own.length,
      amount: format.moneyShort(own.reduce((sum, row) => sum + row.outstandingAmount, 0)),
    })
  }
  const choose = (id: string, name: string, words: string) => (
    <Button
      variant={engineer === id ? 'filled' : 'default'}
      size="compact-sm"
      aria-pressed={engineer === id}
      onClick={() => onEngineer(engineer === id ? undefined : id)}
    >
      {name}
      <span className={classes.load}>{words}</span>
    </Button>
  )
  if (team.length === 0) return null
  return (
    <Section
      title={t('outstanding.team')}
      why={t('outstanding.team_why')}
      actions={
        engineer !== undefined && (
          <Button variant="subtle" onClick={() => onEngineer(undefined)}>
            {t('outstanding.show_all')}
          </Button>
        )
      }
    >
      <ul className={classes.tree}>
        {top.map((each) => (
          <li key={each.id}>
            {each.name} <Role role={each.role} />
          </li>
        ))}
        {regions.map(([region, people]) => (
          <li key={region}>
            <Text fw={600} size="sm" component="span">
              {regionName(choices, region)}
            </Text>
            <ul>
              {people
                .filter(({ role }) => role === 'Manager')
                .map((manager) => (
                  <li key={manager.id}>
                    {manager.name} <Role role={manager.role} />
                  </li>
                ))}
              {people
                .filter(({ role }) => role === 'Engineer')
                .map((each) => (
                  <li key={each.id}>{choose(each.id, each.name, load(each.id))}</li>
                ))}
            </ul>
          </li>
        ))}
        <li>{choose('none', t('outstanding.unassigned'), load(null))}</li>
      </ul>
    </Section>
  )
}

const Role = ({ role }: { role: string }) => (
  <Text size="sm" c="dimmed" component="span">
    {role}
  </Text>
)
