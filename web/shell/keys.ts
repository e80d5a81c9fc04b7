// Single-key shortcuts. They can be switched off (WCAG 2.1.4) and never fire while somebody types.

const storageKey = 'duebook.single_keys'

export function singleKeysOn(): boolean {
  try {
    return localStorage.getItem(storageKey) !== 'off'
  } catch {
    return true
  }
}

export function setSingleKeys(on: boolean): void {
  try {
    localStorage.setItem(storageKey, on ? 'on' : 'off')
  } catch {
    // Not remembered then; nothing else depends on it.
  }
}

export type KeyAction =
  | { do: 'go'; letter: string }
  | { do: 'search' }
  | { do: 'move'; by: 1 | -1 }
  | { do: 'help' }
  | { do: 'wait' }
  | null

type Pressed = { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }

/** What a key means, given that G was pressed within the last second (`afterG`). */
export function meaning(pressed: Pressed, afterG: boolean): KeyAction {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return null
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key
  if (afterG && /^[a-z]$/.test(key)) return { do: 'go', letter: key }
  switch (key) {
    case 'g':
      return { do: 'wait' }
    case '/':
      return { do: 'search' }
    case 'j':
      return { do: 'move', by: 1 }
    case 'k':
      return { do: 'move', by: -1 }
    case '?':
      return { do: 'help' }
    default:
      return null
  }
}

/** The next stop of J or K; starts at the first row and stays at the ends. */
export function nextRow(current: number, by: 1 | -1, count: number): number {
  if (count === 0) return -1
  if (current < 0) return by === 1 ? 0 : count - 1
  return Math.min(count - 1, Math.max(0, current + by))
}

/** Fields that take letters, and lists that search as one types. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable ||
    target.closest(
      'input:not([type=checkbox]):not([type=radio]), textarea, select, [role=menu], [role=listbox], [role=combobox]',
    ) !== null
  )
}

/** Listens until the returned function is called. */
export function listen(act: (action: NonNullable<KeyAction>) => void): () => void {
  // Long ago: not at the start of time, which is when the page was opened.
  let pressedG = Number.NEGATIVE_INFINITY
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || isTyping(event.target) || !singleKeysOn()) return
    if (document.querySelector('[role=dialog][aria-modal=true]')) return
    const action = meaning(event, event.timeStamp - pressedG < 1000)
    pressedG = action?.do === 'wait' ? event.timeStamp : Number.NEGATIVE_INFINITY
    if (!action || action.do === 'wait') return
    event.preventDefault()
    act(action)
  }
  document.addEventListener('keydown', onKey)
  return () => document.removeEventListener('keydown', onKey)
}

export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row-link]')]
  const current = rows.findIndex(
    (row) => row === document.activeElement || row.closest('tr')?.contains(document.activeElement),
  )
  rows[nextRow(current, by, rows.length)]?.focus()
}

export function focusSearch(): void {
  document.querySelector<HTMLElement>('main [data-search]')?.focus()
}
