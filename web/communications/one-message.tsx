import { lazy, Suspense } from 'react'

const MessageDrawer = lazy(async () => ({ default: (await import('./message-drawer.tsx')).MessageDrawer }))

/** The drawer of one message, whose code comes with the first that is opened. */
export function OneMessage(props: { id: number | string; onClose: () => void }) {
  return (
    <Suspense fallback={null}>
      <MessageDrawer {...props} />
    </Suspense>
  )
}
