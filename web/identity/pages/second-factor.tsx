import { Anchor, Text } from '@mantine/core'
import { Navigate, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '../../i18n.ts'
import { useMe, useRefreshSession } from '../../session.ts'
import { useSignOut } from '../../shared/use-sign-out.ts'
import { Outside } from '../../shell/outside.tsx'
import { Enrolment } from '../enrolment.tsx'

/** One of the person's roles asks for a second factor: nothing else opens before it is set up. */
export default function SecondFactor() {
  const me = useMe()
  const navigate = useNavigate()
  const signOut = useSignOut()
  const refresh = useRefreshSession()
  const [started] = useState(me.pending === 'second_factor_enrolment')
  if (!started) return <Navigate to="/profile" />
  return (
    <Outside
      title={t('identity.enrol')}
      lead={t('identity.enrol_required')}
      below={
        <Text size="sm">
          <Anchor component="button" type="button" onClick={signOut}>
            {t('core.sign_out')}
          </Anchor>
        </Text>
      }
    >
      <Enrolment
        onDone={async () => {
          await refresh()
          await navigate({ to: '/' })
        }}
      />
    </Outside>
  )
}
