import type { z } from 'zod'
import { decimalText, wireNumber } from '../../core/money.ts'
import type { Scope } from '../../core/scope.ts'
import { engineerFigures, type MonthFigures, monthFigures } from './figures.ts'
import { addMonths, monthText } from './rules.ts'
import type { Dashboard, InvoiceTracker } from './schemas.ts'
import { readQuery, type SheetQuery, withinYear } from './sheets.ts'

/** The dashboard of a month: what its sheet says beside that of the month before, and how the financial year went. */
export async function getDashboard(scope: Scope, query: SheetQuery): Promise<z.input<typeof Dashboard>> {
  const asked = await readQuery(scope, query)
  const { from, to } = withinYear(scope, asked.year)
  const before = addMonths(asked.month, -1)
  // The month before may lie in the year before.
  const figures = await monthFigures(scope, asked, before < from ? before : from, to)
  const engineers = await engineerFigures(scope, asked)
  const { currency } = scope.tenant
  const money = (minor: number) => wireNumber(minor, currency)
  const current = figures.find(({ month }) => month === asked.month)
  const year = figures.filter(({ month }) => month >= from)
  const { department } = asked
  const regions = [...(current?.byRegion ?? [])].toSorted(
    ([a, one], [b, other]) => other.total - one.total || a.localeCompare(b),
  )
  return {
    month: monthText(asked.month),
    financialYear: asked.year,
    currency,
    kpis: kpisOf(
      asked.month,
      current,
      figures.find(({ month }) => month === before),
      currency,
    ),
    outstandingByAge: regions.map(([region, ages]) => ({
      region,
      ...(department ? { department } : {}),
      '0-30': money(ages['0-30']),
      '31-90': money(ages['31-90']),
      '91-180': money(ages['91-180']),
      '181-365': money(ages['181-365']),
      '>365': money(ages['>365']),
      total: money(ages.total),
      ...(ages.unknown === 0 ? {} : { unknown: money(ages.unknown) }),
    })),
    regionDistribution: regions.map(([region, { total }]) => ({ region, amount: money(total) })),
    monthlyTrends: year.map(({ month, byRegion }) => ({
      month: monthText(month),
      ...Object.fromEntries([...byRegion].map(([region, { total }]) => [region, money(total)])),
    })) as z.input<typeof Dashboard>['monthlyTrends'],
    outstandingRecoveryTrend: year.map(({ month, fresh, recovered }) => ({
      month: monthText(month),
      new: money(fresh ?? 0),
      recovered: money(recovered ?? 0),
      ...(department ? { department } : {}),
    })),
    engineerPerformance: engineers.map(({ name, region, fresh, recovered }) => ({
      name,
      region,
      outstandingCollected: money(recovered),
      newOutstandingAssigned: money(fresh),
      netChange: money(recovered - fresh),
    })),
  }
}

type Kpi = z.input<typeof Dashboard>['kpis'][number]

function kpisOf(
  month: string,
  now: MonthFigures | undefined,
  before: MonthFigures | undefined,
  currency: string,
): Kpi[] {
  const since = monthText(addMonths(month, -1))
  const money = (label: string, description: string, read: (figures: MonthFigures) => number | null): Kpi => {
    const [amount, was] = [now && read(now), before && read(before)]
    const isCompared = amount != null && was != null && was !== 0
    return {
      label,
      value: moneyText(amount ?? 0, currency),
      ...(isCompared ? shareOf(amount, was) : {}),
      description,
      amount: wireNumber(amount ?? 0, currency),
    }
  }
  const count = (label: string, description: string, read: (figures: MonthFigures) => number): Kpi => {
    const amount = now ? read(now) : 0
    return {
      label,
      value: amount.toLocaleString('en-IN'),
      ...(now && before ? stepOf(amount - read(before)) : {}),
      description,
      amount,
    }
  }
  const compared = before ? `against ${since}` : `no sheet of ${since} to compare with`
  return [
    money('Total Outstanding', `Open at the end of ${monthText(month)}, ${compared}`, ({ open }) => open),
    money('Recovered Amount', `Less than in ${since}, or gone; ${compared}`, ({ recovered }) => recovered),
    money('New Outstanding', `Not in the sheet of ${since}; ${compared}`, ({ fresh }) => fresh),
    count('Total Invoices', `Open invoices, ${compared}`, ({ invoices }) => invoices),
    count('Disputed Invoices', `Open invoices in dispute, ${compared}`, ({ disputed }) => disputed),
    {
      ...count('Total Customers', 'Customers with an open balance', ({ customers }) => customers),
      ...unchanged,
    },
  ]
}
/** The document shows no change of it. */
const unchanged = { change: undefined, changeType: undefined }

const typeOf = (difference: number) => (difference < 0 ? ('decrease' as const) : ('increase' as const))
function shareOf(now: number, was: number) {
  const share = ((now - was) / Math.abs(was)) * 100
  return { change: `${share < 0 ? '-' : '+'}${Math.abs(share).toFixed(1)}%`, changeType: typeOf(share) }
}
const stepOf = (difference: number) => ({
  change: `${difference < 0 ? '' : '+'}${difference}`,
  changeType: typeOf(difference),
})

/** As people of the currency write it: ₹ with lakh and crore grouping. Whole amounts without decimals. */
export function moneyText(minor: number, currency: string): string {
  const whole = decimalText(minor, currency).replace(/\.0+$/, '')
  const decimals = whole.split('.')[1]?.length ?? 0
  return new Intl.NumberFormat(currency === 'INR' ? 'en-IN' : 'en', {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    // A decimal text is formatted exactly; a number would be a binary fraction in between.
  }).format(whole as never)
}

/** The invoice tracker: month by month, newest first, what the sheets hold beside the month before. */
export async function listTracker(scope: Scope, query: SheetQuery): Promise<z.input<typeof InvoiceTracker>> {
  const asked = await readQuery(scope, { ...query, month: undefined })
  const { from, to } = withinYear(scope, asked.year)
  const figures = await monthFigures(scope, asked, addMonths(from, -1), to)
  const money = (minor: number) => wireNumber(minor, scope.tenant.currency)
  return figures
    .filter(({ month }) => month >= from)
    .toReversed()
    .map((now) => {
      const before = figures.find(({ month }) => month === addMonths(now.month, -1))
      return {
        monthYear: monthText(now.month),
        ...(asked.department ? { department: asked.department } : {}),
        previousMonthInvoices: before?.invoices ?? 0,
        previousMonthAmount: money(before?.open ?? 0),
        currentMonthInvoices: now.invoices,
        currentMonthAmount: money(now.open),
        invoiceCountChange: now.invoices - (before?.invoices ?? 0),
        disputedInvoices: now.disputed,
      }
    })
}
