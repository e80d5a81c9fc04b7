import { ActionIcon, Popover, Stack, Text } from '@mantine/core'
import { IconHelp } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { type MessageKey, t } from '../i18n.ts'
import { useFormat } from '../session.ts'
import { TextLink } from '../shared/text-link.tsx'
import type { Metrics } from '../wire.ts'
import classes from './insights.module.css'
import { invoiceSearch } from './queries.ts'

type MetricFigure = Metrics['figures'][number]

export function useFigureText() {
  const format = useFormat()
  return ({ unit, value }: Pick<MetricFigure, 'unit' | 'value'>, currency: string): string =>
    value === null
      ? '–'
      : unit === 'money'
        ? format.money(value, currency)
        : unit === 'percent'
          ? t('insights.percent', { value: format.number(Math.round(value * 10) / 10) })
          : t('insights.days', { value: format.number(Math.round(value * 10) / 10) })
}

/** Where the rows behind a figure are. */
function rowsBehind(figure: string, metrics: Metrics): { to: string; search: Record<string, string> } | null {
  const list = (more: Record<string, string> = {}) => ({
    to: '/receivables/invoices',
    search: invoiceSearch(metrics, more),
  })
  const why = (of: string) => ({
    to: '/insights/why',
    search: { figure: of, from: metrics.from, to: metrics.as_of, currency: metrics.currency },
  })
  switch (figure) {
    case 'receivables':
    case 'dso':
    case 'count_back_dso':
      return list({ status: 'open,partial,disputed' })
    case 'overdue':
    case 'overdue_percent':
    case 'delinquent_days':
      return list({ status: 'overdue' })
    case 'best_possible_dso':
      return list({ bucket: 'current' })
    case 'unapplied':
      return list({ status: 'credit' })
    case 'average_days_late':
    case 'days_to_pay':
      return list({ status: 'paid' })
    default:
      return metrics.is_converted ? null : why('receivables')
  }
}

/** Headline figures: each leads to its rows and says how it is found. */
export function Figures({ metrics, names }: { metrics: Metrics; names: readonly string[] }) {
  const write = useFigureText()
  return (
    <dl className={classes.figures}>
      {names.map((name) => {
        const figure = metrics.figures.find((one) => one.figure === name)
        if (!figure) return null
        const text = write(figure, metrics.currency)
        const behind = rowsBehind(name, metrics)
        const label = t(`insights.figure_${name}` as MessageKey)
        return (
          <div key={name}>
            <dt>
              {label}
              <Definition name={label}>
                <Text size="sm">{t(`insights.how_${name}` as MessageKey)}</Text>
                {figure.is_estimated && (
                  <Text size="sm">
                    {t('insights.estimate_why')}
                    {figure.at_least !== null &&
                      ` ${t('insights.at_least', { value: write({ ...figure, value: figure.at_least }, metrics.currency) })}`}
                  </Text>
                )}
              </Definition>
            </dt>
            <dd>
              <span className={`figure ${classes.headline}`}>
                {behind && figure.value !== null ? (
                  <TextLink
                    to={behind.to}
                    search={behind.search}
                    inherit
                    aria-label={t('insights.rows_of', { figure: label, value: text })}
                  >
                    {text}
                  </TextLink>
                ) : (
                  text
                )}
              </span>
              {figure.reason && <span className={classes.note}>{figure.reason}</span>}
              {figure.is_estimated && <span className={classes.note}>{t('insights.estimate')}</span>}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

/** What a figure is, on request: for the mouse, the keyboard and the finger alike. */
export function Definition({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Popover width={300} position="bottom-start" withArrow withinPortal={false} shadow="md" trapFocus>
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={24}
          className="no-print"
          aria-label={t('insights.definition_of', { figure: name })}
        >
          <IconHelp size={15} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={name} tabIndex={-1}>
        <Stack gap={6}>{children}</Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
