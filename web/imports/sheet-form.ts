/** The month that a file's name says: `June.xlsx`, `Outstanding Apr-25.xlsx`, `2025-06 pune.csv`; null when it says none. */
export function monthInName(name: string): { month: number; year: number | null } | null {
  const bare = name.replace(/\.[a-z]+$/i, '')
  const iso = /(?:^|\D)(20\d\d)[-_. ]?(0[1-9]|1[0-2])(?:\D|$)/.exec(bare)
  if (iso) return { month: Number(iso[2]), year: Number(iso[1]) }
  const found =
    /(?:^|[^a-z])(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[\s'_.-]*(20\d\d|\d\d)?(?:[^\d]|$)/i.exec(
      bare,
    )
  if (!found) return null
  const month = monthNames.findIndex((each) => each.toLowerCase() === found[1]!.toLowerCase()) + 1
  const year = found[2] ? Number(found[2].length === 2 ? `20${found[2]}` : found[2]) : null
  return { month, year }
}
export const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The months of a financial year as sheets name them: `Apr-25` to `Mar-26`. `first` is the month in which it begins. */
export function monthsOfYear(year: string, first: number): string[] {
  const from = Number(year.slice(0, 4))
  return Array.from({ length: 12 }, (_, at) => {
    const month = (first - 1 + at) % 12
    return `${monthNames[month]}-${String(from + (first - 1 + at >= 12 ? 1 : 0)).slice(2)}`
  })
}

/** The month of a name within a year's months; undefined when it is none of them. */
export function monthAmong(name: string, months: string[]): string | undefined {
  const said = monthInName(name)
  return said === null
    ? undefined
    : months.find((each) => {
        const [word, year] = each.split('-') as [string, string]
        return (
          word === monthNames[said.month - 1] && (said.year === null || String(said.year).slice(2) === year)
        )
      })
}
