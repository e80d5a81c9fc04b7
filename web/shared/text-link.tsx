import { Anchor, type AnchorProps } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { AriaAttributes, ReactNode } from 'react'

type Props = AnchorProps &
  AriaAttributes & {
    to: string
    search?: Record<string, string | undefined>
    children: ReactNode
    onClick?: () => void
    'data-row-link'?: boolean
  }

/** A link inside the application, in the theme's looks. */
export function TextLink({ to, search, ...rest }: Props) {
  return (
    <Anchor
      underline="hover"
      {...rest}
      renderRoot={(props) => <Link to={to} {...(search ? { search: search as never } : {})} {...props} />}
    />
  )
}
