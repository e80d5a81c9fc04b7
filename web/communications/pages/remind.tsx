import { t } from '../../i18n.ts'
import { can, useMe } from '../../session.ts'
import { Page } from '../../shared/page.tsx'
import { Empty, Forbidden, Loaded } from '../../shared/states.tsx'
import { TextLink } from '../../shared/text-link.tsx'
import { useFilters } from '../../shared/use-filters.ts'
import { Composer } from '../composer.tsx'
import { usePlaces } from '../places.tsx'
import { choiceIn, filterNames } from '../reminders.ts'

/** Reminders to some debtors of a pharmacy: `?outlet=1&ids=2,3`, or the filters of its list instead of ids. */
export default function Remind() {
  const me = useMe()
  const [search] = useFilters(['outlet', 'ids', ...filterNames])
  const may = can(me, 'debtors.send')
  const places = usePlaces()
  const place = places.data?.find(({ pharmacy_id }) => String(pharmacy_id) === search.outlet)
  return (
    <Page
      title={t('communications.remind')}
      lead={
        place && (
          <TextLink to={`/debtors/${place.pharmacy_id}`} underline="always">
            {place.name}
          </TextLink>
        )
      }
    >
      {may ? (
        <Loaded query={places} lines={10}>
          {() =>
            place?.can_write ? (
              <Composer key={place.pharmacy_id} place={place} choice={choiceIn(search)} />
            ) : (
              <Empty
                title={t('communications.no_place')}
                why={place ? t('communications.place_read_only') : t('communications.no_place_why')}
                action={<TextLink to="/debtors">{t('communications.to_debtors')}</TextLink>}
              />
            )
          }
        </Loaded>
      ) : (
        <Forbidden permission="debtors.send" />
      )}
    </Page>
  )
}
