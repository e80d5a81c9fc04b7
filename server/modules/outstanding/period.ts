import { Refusal } from '../../core/errors.ts'
import type { Scope } from '../../core/scope.ts'
import type { FileHead, Period, UploadForm } from '../imports/target.ts'
import { createDepartment, listDepartments } from '../tenancy/places.ts'
import { monthEnd, monthsIn, monthsOf, monthText, readMonth, readYear, yearOf } from './rules.ts'

/** Said by forms and queries alike, so it is refused as both read it. */
const invalid = (path: string, message: string) =>
  new Refusal(400, 'invalid_input', message, { issues: [{ in: 'body', path, message, code: 'invalid' }] })

/** The departments of the document, for organisations that have none. */
const presetDepartments = ['Batching Plant', 'Pump']

/**
 * The month a file is for, and of which department. A month that is not said is the one that the file's name speaks of, else its
 * header; a department that is not said is the uploader's, else the first.
 */
export async function arrangeSheet(scope: Scope, form: UploadForm, file: FileHead) {
  const start = scope.tenant.financial_year_start
  const year = form.financial_year === undefined ? undefined : readYear(form.financial_year, start)
  if (form.financial_year !== undefined && !year)
    throw invalid('financial_year', `Not a financial year: ${form.financial_year}. Write it as 2025-2026.`)
  const month = form.month
    ? readMonth(form.month, year, start)
    : await monthOf(file, (text) => monthsIn(text, year, start, scope.today))
  if (!month)
    throw invalid(
      'month',
      form.month
        ? `Not a month: ${form.month}. Write it as Apr-25.`
        : 'Neither the name of the file nor its header speaks of one month. Say which month the sheet is for, such as Apr-25.',
    )
  const financial_year = yearOf(month, start)
  if (year && year !== financial_year) {
    const months = monthsOf(year, start)
    throw invalid(
      'month',
      `${monthText(month)} is not in the financial year ${year}, which goes from ${monthText(months[0]!)} to ${monthText(months[11]!)}.`,
    )
  }
  if (month > scope.today) throw invalid('month', `${monthText(month)} has not begun yet.`)
  // A sheet of the running month says what is outstanding today.
  const end = monthEnd(month)
  const period: Period = { month, financial_year, ...(await departmentFor(scope, form.department)) }
  // What vanishes from one sheet to the next is paid: that is what the sheets are compared for.
  return {
    as_of: end < scope.today ? end : scope.today,
    said: { period, kind: 'open_items' as const, missing: 'settle' as const },
  }
}

/** Only what speaks of one month says which. */
async function monthOf(file: FileHead, read: (text: string) => string[]): Promise<string | undefined> {
  const named = read(file.name)
  if (named.length === 1) return named[0]
  const told = new Set((await file.texts()).flatMap(read))
  return told.size === 1 ? [...told][0] : undefined
}

async function departmentFor(scope: Scope, said: string | undefined) {
  let there = await listDepartments(scope)
  const named = (name: string) => there.find((each) => each.name.toLowerCase() === name.trim().toLowerCase())
  if (there.length === 0) {
    for (const name of presetDepartments) await createDepartment(scope, { name })
    there = await listDepartments(scope)
  }
  if (said && !named(said))
    throw invalid(
      'department',
      `There is no department ${said}. Departments: ${there.map(({ name }) => name).join(', ')}.`,
    )
  const own = said
    ? undefined
    : await scope.db
        .selectFrom('memberships')
        .select('department_id')
        .where('user_id', '=', scope.userId)
        .executeTakeFirst()
  const department =
    (said ? named(said) : there.find(({ id }) => id === own?.department_id)) ??
    named(presetDepartments[0]!) ??
    there[0]!
  return { department_id: department.id, department: department.name }
}
