import { useEffect, useRef } from 'react'
import { isTyping, singleKeysOn } from '../shell/keys.ts'

/**
 * A single key of one page. Listens on the window, after the document has heard the keys of every page: what those have
 * taken (the letter after G) is not heard twice.
 */
export function useKey(key: string, act: (event: KeyboardEvent) => void, on = true): void {
  const latest = useRef(act)
  latest.current = act
  useEffect(() => {
    if (!on) return
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== key || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.defaultPrevented || isTyping(event.target) || !singleKeysOn()) return
      if (document.querySelector('[role=dialog][aria-modal=true]')) return
      latest.current(event)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [key, on])
}
