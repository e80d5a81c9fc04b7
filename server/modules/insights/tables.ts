import { exponentOf } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import type { SheetCell, SheetColumn } from '../../core/sheets.ts'
import { disputeReport } from '../collections/disputes/report.ts'
import { getAgeing } from '../receivables/ageing.ts'
import { getDebtors } from './debtors.ts'
import { getMetrics, getSeries } from './metrics.ts'
import type { PaperChart } from './pdf-charts.ts'
import { getCollectors, getTeam } from './people.ts'
import { getPromisesKept } from './promises.ts'
import { getAtRisk, getRollRates } from './roll-rates.ts'
import type { tableNames } from './schemas.ts'
import type { View } from './view.ts'
import { explainChange } from './why.ts'
import { figureWords, groupWords, verdictWords } from './words.ts'

/** What a report is made of, for paper and for sheets alike. */
export type Table = {
  name: TableName
  title: string
  why: string
  columns: SheetColumn[]
  rows: SheetCell[][]
  /** The last row sums the others. */
  total?: boolean
  chart?: PaperChart
}
export type TableName = (typeof tableNames)[number]

const text = (header: string, width?: number): SheetColumn => ({
  header,
  kind: 'text',
  ...(width ? { width } : {}),
})
const count = (header: string): SheetColumn => ({ header, kind: 'number', decimals: 0 })
const decimal = (header: string): SheetColumn => ({ header, kind: 'number', decimals: 1 })
const day = (header: string): SheetColumn => ({ header, kind: 'day' })
const percent = (share: number | null) => (share === null ? null : share * 100)

const makers: Record<TableName, (scope: Scope, view: View) => Promise<Omit<Table, 'name'>>> = {
  async figures(scope, view) {
    const { figures } = await getMetrics(scope, view)
    return {
      title: 'Figures',
      why: `Of ${view.as_of}, and of the ${view.days} days that end with it.`,
      columns: [text('Figure', 26), decimal('Value'), text('Unit', 10), text('How it is found', 60)],
      rows: figures.map(({ figure, unit, value, reason, is_estimated }) => [
        figureWords[figure]!.name,
        value,
        unit === 'money' ? view.currency : unit === 'percent' ? '%' : 'days',
        value === null ? reason! : `${is_estimated ? 'Estimate. ' : ''}${figureWords[figure]!.how}`,
      ]),
    }
  },
  async months(scope, view) {
    const { months, buckets } = await getSeries(scope, view, 13)
    const money = amountIn(view)
    return {
      title: 'Receivables by age, month by month',
      why: `At the end of each month; DSO over ${view.days} days.`,
      columns: [
        day('Day'),
        ...buckets.map(({ label }) => money(label)),
        money('Receivables'),
        money('Billed'),
        money('Cash'),
        decimal('DSO'),
        decimal('Best possible'),
        decimal('CEI %'),
      ],
      rows: months.map((month) => [
        month.day,
        ...month.buckets,
        month.receivables,
        month.billed,
        month.cash,
        month.dso,
        month.best_possible_dso,
        month.collection_effectiveness,
      ]),
      chart: {
        kind: 'stack',
        names: months.map(({ month }) => month),
        series: buckets.map(({ label }, at) => ({
          name: label,
          values: months.map((month) => month.buckets[at]!),
        })),
      },
    }
  },
  async changes(scope, view) {
    const why = await explainChange(scope, {
      figure: 'receivables',
      from: view.before,
      to: view.as_of,
      currency: view.currency,
    })
    return {
      title: 'From opening to closing',
      why: `Receivables in ${why.currency} at the end of ${view.before} and of ${view.as_of}, and what lies between.`,
      columns: [text('What', 40), count('Entries'), amountIn(view)('Amount')],
      rows: [
        [`At the end of ${view.before}`, null, why.opening.amount],
        ...why.groups.map(({ group, amount, count }): SheetCell[] => [groupWords[group], count, amount]),
        [`At the end of ${view.as_of}`, null, why.closing.amount],
      ],
      total: true,
      chart: {
        kind: 'waterfall',
        steps: [
          { name: 'Opening', amount: why.opening.amount, isTotal: true },
          ...why.groups.map(({ group, amount }) => ({ name: groupWords[group], amount, isTotal: false })),
          { name: 'Closing', amount: why.closing.amount, isTotal: true },
        ],
      },
    }
  },
  async roll_rates(scope, view) {
    const { buckets, lines } = await getRollRates(scope, view)
    const money = amountIn(view)
    return {
      title: 'What became of each bucket',
      why: `From ${view.from} to ${view.as_of}, invoice by invoice.`,
      columns: [
        text('On the first day'),
        money('Amount'),
        ...buckets.map(({ label }) => money(label)),
        money('Paid'),
        decimal('Rolled on %'),
      ],
      rows: lines.map((line) => [
        line.label,
        line.amount,
        ...line.to.map(({ amount }) => amount),
        line.paid,
        percent(line.roll_rate),
      ]),
    }
  },
  async at_risk(scope, view) {
    const { months, days_past_due } = await getAtRisk(scope, view, 12)
    const money = amountIn(view)
    return {
      title: 'At risk',
      why: `Of each month's billing, what was unpaid ${days_past_due} days past due.`,
      columns: [text('Month'), money('Billed'), money('Unpaid'), decimal('Share %'), text('', 40)],
      rows: months.map(({ month, billed, unpaid, share, reason }) => [
        month,
        billed,
        unpaid,
        percent(share),
        reason ?? '',
      ]),
    }
  },
  async regions(scope, view) {
    const ageing = await getAgeing(scope, {
      as_of: view.as_of,
      ...(view.known_on ? { known_on: view.known_on } : {}),
      basis: 'due',
      group_by: 'region',
      currency: view.currency,
    })
    const money = amountIn(view)
    const line = (label: string, part: typeof ageing.totals): SheetCell[] => [
      label,
      ...part.buckets.map(({ amount }) => amount),
      part.unapplied,
      part.total,
    ]
    return {
      title: 'Regions by age',
      why: `Invoices in ${view.currency} on ${view.as_of}.`,
      columns: [
        text('Region'),
        ...ageing.totals.buckets.map(({ label }) => money(label)),
        money('Unapplied'),
        money('Total'),
      ],
      rows: [...ageing.groups.map((group) => line(group.label, group)), line('Total', ageing.totals)],
      total: true,
    }
  },
  async debtors(scope, view) {
    const { items, total, customers, concentration } = await getDebtors(scope, view, 20)
    const money = amountIn(view)
    return {
      title: 'Who owes most',
      why:
        concentration.top_10 === null
          ? 'Nothing is owed on this day.'
          : `${customers} customers owe ${total.toLocaleString('en')} ${view.currency}; the first ten ${concentration.top_10.toFixed(1)} % of it, ${concentration.four_fifths} of them four fifths.`,
      columns: [
        text('Customer', 34),
        money('Owed'),
        money('Overdue'),
        count('Oldest, days'),
        decimal('Share %'),
      ],
      rows: items.map(({ name, open, overdue, oldest_days, share }) => [
        name,
        open,
        overdue,
        oldest_days,
        percent(share),
      ]),
    }
  },
  async disputes(scope, view) {
    const report = await disputeReport(scope, {
      as_of: view.as_of,
      from: view.from,
      currency: view.currency,
      level: 1,
    })
    const money = amountIn(view)
    return {
      title: 'Disputes by reason',
      why: `Opened from ${view.from} to ${view.as_of}, in ${view.currency}.`,
      columns: [
        text('Reason', 30),
        count('Opened'),
        money('Amount'),
        decimal('Cumulative %'),
        count('Open'),
        money('Open amount'),
        decimal('Days to resolve'),
      ],
      rows: report.reasons.map((line) => [
        line.reason,
        line.opened,
        line.opened_amount,
        line.cumulative_share * 100,
        line.open,
        line.open_amount,
        line.resolution_days,
      ]),
      chart: {
        kind: 'bars',
        names: report.reasons.slice(0, 10).map(({ reason }) => reason),
        values: report.reasons.slice(0, 10).map(({ opened_amount }) => opened_amount),
      },
    }
  },
  async promises(scope, view) {
    const { verdicts, kept_percent, kept_amount_percent, reason } = await getPromisesKept(scope, view)
    const money = amountIn(view)
    return {
      title: 'Promises to pay',
      why:
        reason ??
        `Kept: ${kept_percent!.toFixed(1)} % of those judged, ${kept_amount_percent!.toFixed(1)} % of their money.`,
      columns: [text('What came of them'), count('Promises'), money('Promised'), money('Paid')],
      rows: verdicts.map(({ verdict, count, amount, paid }) => [
        verdictWords[verdict] ?? verdict,
        count,
        amount,
        paid,
      ]),
    }
  },
  async team(scope, view) {
    const { items, unassigned } = await getTeam(scope, view)
    const money = amountIn(view)
    return {
      title: 'Who has how much to do',
      why: `Open invoices on ${view.as_of}; tasks and disputes of today.`,
      columns: [
        text('Who', 26),
        count('Invoices'),
        money('Open'),
        count('Overdue'),
        money('Overdue amount'),
        count('Tasks'),
        count('Late'),
        count('Disputes'),
        count('Past their clock'),
      ],
      rows: [
        ...items.map((one): SheetCell[] => [
          one.name,
          one.count,
          one.open,
          one.overdue_count,
          one.overdue,
          one.tasks,
          one.late_tasks,
          one.disputes,
          one.late_disputes,
        ]),
        [
          'Nobody',
          unassigned.count,
          unassigned.open,
          unassigned.overdue_count,
          unassigned.overdue,
          null,
          null,
          null,
          null,
        ],
      ],
    }
  },
  async collectors(scope, view) {
    const { items, comparison, contact_days } = await getCollectors(scope, view)
    const money = amountIn(view)
    const line = (name: string, one: typeof comparison): SheetCell[] => [
      name,
      one.customers,
      one.contacts,
      one.reached_percent,
      one.overdue,
      one.paid_percent,
      one.cash,
    ]
    return {
      title: 'What came of contacts',
      why: `Overdue when the period began, and paid since; cash within ${contact_days} days of a contact, for the last who made one.`,
      columns: [
        text('Who', 26),
        count('Customers'),
        count('Contacts'),
        decimal('Reached %'),
        money('Was overdue'),
        decimal('Paid since %'),
        money('Cash after contact'),
      ],
      rows: [...items.map((one) => line(one.name, one)), line('Not contacted, to compare', comparison)],
    }
  },
}

const amountIn =
  ({ currency }: View) =>
  (header: string): SheetColumn => ({ header, kind: 'amount', decimals: exponentOf(currency) })

export const tableOf = async (scope: Scope, view: View, name: TableName): Promise<Table> => ({
  name,
  ...(await makers[name](scope, view)),
})
