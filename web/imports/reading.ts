import type { ImportCorrection, ImportDetails, ImportKind, ImportQuestion } from '../wire.ts'

export type Evidence = {
  field: string
  column: string | null
  /** A sentence. */
  concluded: string
  proof: { row: number; value: string }[]
  counter: { row: number; value: string }[]
}
export type Proposal = {
  field: string
  column: string | null
  certainty: 'known' | 'asked' | 'none'
  why: string | null
}
/** What people said about the file, beside the file itself. */
export type Said = {
  answers: {
    date_order?: string | null
    decimal?: string | null
    sign?: string | null
    currency?: string | null
    status?: Record<string, string>
  }
  encoding?: string | null
  sheet?: string | null
  kind?: ImportKind | null
  missing?: 'settle' | 'keep' | null
  corrections?: ImportCorrection[]
}
export type Sample = { row: number; cells: string[] }
export type Reading = {
  table: {
    format: string
    encoding: string | null
    delimiter: string | null
    sheet: string | null
    sheets: string[]
    header_row: number | null
    columns: string[]
  } | null
  layout: { name: string } | null
  proposal: Proposal[]
  evidence: Evidence[]
  days: Record<string, { order: string | null }>
  decimal: { decimal: string } | null
  unused: string[]
  sample: Sample[]
}

/** What was concluded from a file. An import that never came so far has none of it. */
export function readingOf(one: Pick<ImportDetails, 'reading'>): Reading {
  const found = one.reading as Partial<Reading>
  return {
    table: found.table ? { ...found.table, sheets: found.table.sheets ?? [] } : null,
    layout: found.layout ?? null,
    proposal: found.proposal ?? [],
    evidence: found.evidence ?? [],
    days: found.days ?? {},
    decimal: found.decimal ?? null,
    unused: found.unused ?? [],
    sample: found.sample ?? [],
  }
}

export function saidOf(one: Pick<ImportDetails, 'said'>): Said {
  const said = one.said as Partial<Said>
  return { ...said, answers: said.answers ?? {} }
}

/** A column's first values, each once. */
export function samplesOf({ table, sample }: Reading, column: string | null, count = 3): string[] {
  const at = column === null ? -1 : (table?.columns.indexOf(column) ?? -1)
  if (at < 0) return []
  const values = sample.map(({ cells }) => cells[at]?.trim() ?? '').filter(Boolean)
  return [...new Set(values)].slice(0, count)
}

export const steps = ['reading', 'columns', 'fix', 'difference'] as const
export type Step = (typeof steps)[number]
export type View = Step | 'working' | 'report' | 'stopped'

const ofColumns = (question: ImportQuestion) => question.id === 'mapping' || question.id === 'status_words'

/** Where a question is answered. */
export function stepOf(question: ImportQuestion): Step {
  if (ofColumns(question)) return 'columns'
  return question.id === 'missing' ? 'difference' : 'reading'
}

type Shown = Pick<ImportDetails, 'status' | 'questions' | 'rows' | 'rejected'>

/** The steps that can be visited: the difference is there when everything was answered that comes before it. */
export function openSteps(one: Shown): Step[] {
  if (one.status === 'checked') return [...steps]
  // What is asked last, whether much is missing, was found by comparing: nothing of it is kept before the answer.
  const asked = one.questions.map(stepOf)
  return asked.includes('difference') ? ['reading', 'columns', 'difference'] : ['reading', 'columns']
}

/**
 * What the page of an import shows. `asked` is the step that the address names; of a file that is known from earlier
 * ones there is nothing to look at but the difference.
 */
export function viewOf(one: Shown, asked: string | undefined, known: boolean): View {
  switch (one.status) {
    case 'reading':
    case 'publishing':
    case 'reverting':
      return 'working'
    case 'published':
    case 'reverted':
      return 'report'
    case 'refused':
    case 'failed':
    case 'cancelled':
      return 'stopped'
  }
  const wanted = openSteps(one).find((step) => step === asked)
  if (wanted) return wanted
  if (one.status === 'asking') {
    // Without a question it lacks columns, as its problem says.
    const open = one.questions.map(stepOf)
    return steps.find((step) => open.includes(step)) ?? 'columns'
  }
  if (one.rejected > 0 && one.rejected === one.rows) return 'fix'
  return known ? 'difference' : 'reading'
}
