import { Group, Kbd, Modal, Stack, Switch, Text } from '@mantine/core'
import { useState } from 'react'
import { t } from '../i18n.ts'
import { useMe } from '../session.ts'
import classes from './key-sheet.module.css'
import { setSingleKeys, singleKeysOn } from './keys.ts'
import { navigationFor } from './nav.ts'

export default function KeySheet({ onClose }: { onClose: () => void }) {
  const me = useMe()
  const [on, setOn] = useState(singleKeysOn)
  const go = navigationFor(me).flatMap((group) => group.items)
  return (
    <Modal opened onClose={onClose} title={t('core.keys_title')} size="lg">
      <Stack gap="lg">
        <Switch
          checked={on}
          label={t('core.keys_switch')}
          description={t('core.keys_switch_why')}
          onChange={(event) => {
            setSingleKeys(event.currentTarget.checked)
            setOn(event.currentTarget.checked)
          }}
        />
        <div className={classes.columns}>
          <dl className={classes.keys}>
            <Key keys={[t('core.key_command'), 'K']} does={t('core.palette_open')} />
            <Key keys={['/']} does={t('core.key_search')} />
            <Key keys={['J']} does={t('core.key_next')} />
            <Key keys={['K']} does={t('core.key_previous')} />
            <Key keys={[t('core.key_enter')]} does={t('core.key_open')} />
            <Key keys={['X']} does={t('core.key_pick')} />
            <Key keys={['A']} does={t('core.key_assign')} />
            <Key keys={['D']} does={t('core.key_dispute')} />
            <Key keys={['M']} does={t('core.key_move')} />
            <Key keys={['?']} does={t('core.keys_title')} />
            <Key keys={[t('core.key_escape')]} does={t('core.key_close')} />
          </dl>
          <dl className={classes.keys}>
            {go.map(
              (item) =>
                item.letter && (
                  <Key key={item.to} keys={['G', item.letter.toUpperCase()]} does={t(item.label)} />
                ),
            )}
            <Key keys={['G', 'P']} does={t('core.profile')} />
          </dl>
        </div>
      </Stack>
    </Modal>
  )
}

function Key({ keys, does }: { keys: string[]; does: string }) {
  return (
    <div className={classes.row}>
      <dt>
        <Text size="sm">{does}</Text>
      </dt>
      <dd>
        <Group gap={4} wrap="nowrap">
          {keys.map((key) => (
            <Kbd key={key}>{key}</Kbd>
          ))}
        </Group>
      </dd>
    </div>
  )
}
