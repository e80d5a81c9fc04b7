import { type RefObject, useEffect, useRef } from 'react'

// After a change of page the heading gets the focus, so that keyboard and screen reader start at its top.

type Navigation = { fromLocation?: unknown; pathChanged: boolean }
type Router = { subscribe(event: 'onBeforeNavigate', act: (navigation: Navigation) => void): unknown }

let wanted = false

/** The first page of a visit keeps the browser's own start; every later one asks for its heading. */
export function watchNavigation(router: Router): void {
  router.subscribe('onBeforeNavigate', ({ fromLocation, pathChanged }) => {
    if (fromLocation && pathChanged) wanted = true
  })
}

/** For the heading of a page: takes the focus when the page was navigated to. */
export function useHeadingFocus(): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!wanted) return
    wanted = false
    heading.current?.focus({ preventScroll: true })
  }, [])
  return heading
}
