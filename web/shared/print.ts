/** Paper is white: a page in dark colours is printed in light ones. */
export function printInLight(): void {
  const root = document.documentElement
  const scheme = 'data-mantine-color-scheme'
  let before: string | null = null
  addEventListener('beforeprint', () => {
    before = root.getAttribute(scheme)
    root.setAttribute(scheme, 'light')
  })
  addEventListener('afterprint', () => {
    if (before) root.setAttribute(scheme, before)
  })
}
