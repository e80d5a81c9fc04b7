import { useNavigate } from '@tanstack/react-router'
import { leave } from '../session.ts'
import { failed } from './toast.tsx'

/** Signs out and goes to the sign-in page; stays, with a message, when that did not work. */
export function useSignOut(): () => Promise<void> {
  const navigate = useNavigate()
  return async () => {
    try {
      await leave()
      await navigate({ to: '/sign-in' })
    } catch (error) {
      failed(error)
    }
  }
}
