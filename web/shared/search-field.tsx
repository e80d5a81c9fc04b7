import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { t } from '../i18n.ts'

type Props = { label: string; value: string | undefined; onChange: (value: string | undefined) => void }

/** The search of a list; `/` jumps here. Waits 250 ms after the last letter. */
export function SearchField({ label, value, onChange }: Props) {
  const [typed, setTyped] = useState(value ?? '')
  const sent = useRef(value ?? '')
  const send = useDebouncedCallback((text: string) => {
    sent.current = text
    onChange(text.trim() || undefined)
  }, 250)
  // The address may change from elsewhere: back button, cleared filters.
  useEffect(() => {
    if ((value ?? '') !== sent.current) {
      sent.current = value ?? ''
      setTyped(value ?? '')
    }
  }, [value])
  const set = (text: string) => {
    setTyped(text)
    send(text)
  }
  return (
    <TextInput
      label={label}
      type="search"
      data-search
      leftSection={<IconSearch size={16} aria-hidden />}
      value={typed}
      onChange={(event) => set(event.currentTarget.value)}
      rightSection={
        typed ? <CloseButton size="sm" aria-label={t('core.clear_search')} onClick={() => set('')} /> : null
      }
      miw={{ base: '100%', xs: 240 }}
    />
  )
}
