import { Button, Stack } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { SearchField } from '../shared/search-field.tsx'
import type { CustomerPage } from '../wire.ts'
import classes from './cash.module.css'

type Likely = { id: number; name: string; code: string | null }

/** Whose payment it is: those that may be meant, and a search over everybody. */
export function CustomerChoice({ likely, onChoose }: { likely: Likely[]; onChoose: (id: number) => void }) {
  const [search, setSearch] = useState<string>()
  const query = { search, status: 'all', page_size: 8, sort: 'name' }
  const found = useQuery({
    queryKey: ['customers', 'choice', query],
    enabled: Boolean(search),
    queryFn: () => api<CustomerPage>('GET', '/api/receivables/customers', { query }),
    placeholderData: keepPreviousData,
  })
  const shown = search && found.data ? found.data.items : likely
  const once = [...new Map(shown.map((each) => [each.id, each])).values()]
  return (
    <Stack gap="sm">
      <SearchField label={t('cash.choose_customer')} value={search} onChange={setSearch} />
      <div className={classes.pick}>
        {once.map(({ id, name, code }) => (
          <Button key={id} variant="default" onClick={() => onChoose(id)}>
            {code && code !== name ? `${name} · ${code}` : name}
          </Button>
        ))}
      </div>
    </Stack>
  )
}
