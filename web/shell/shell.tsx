import {
  ActionIcon,
  Burger,
  Button,
  Drawer,
  Kbd,
  Menu,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import {
  IconBuilding,
  IconCheck,
  IconChevronDown,
  IconHelp,
  IconLogout,
  IconMoon,
  IconSearch,
  IconSun,
  IconUserCircle,
} from '@tabler/icons-react'
import { Outlet, useNavigate, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { api } from '../api.ts'
import { t } from '../i18n.ts'
import { enter, queryClient, useMe } from '../session.ts'
import { followEvents } from '../shared/realtime.ts'
import { failed } from '../shared/toast.tsx'
import { useSignOut } from '../shared/use-sign-out.ts'
import type { Me } from '../wire.ts'
import { Bell } from './bell.tsx'
import { focusSearch, listen, moveRow } from './keys.ts'
import { navigationFor } from './nav.ts'
import { Palette } from './palette.tsx'
import { Rail, Wordmark } from './rail.tsx'
import classes from './shell.module.css'

// The palette is not: whoever presses Ctrl+K types on at once, and would lose the first letters to the network.
const KeySheet = lazy(() => import('./key-sheet.tsx'))

/** The frame of every page behind the sign-in. */
export function Shell() {
  const me = useMe()
  const router = useRouter()
  const [railOpen, rail] = useDisclosure(false)
  const [keysOpen, keys] = useDisclosure(false)
  const [paletteOpen, palette] = useDisclosure(false)

  useEffect(() => followEvents(queryClient), [])
  useEffect(
    () =>
      listen((action) => {
        if (action.do === 'help') keys.open()
        else if (action.do === 'search') focusSearch()
        else if (action.do === 'move') moveRow(action.by)
        else if (action.do === 'go') {
          const item = navigationFor(me)
            .flatMap((group) => group.items)
            .find((one) => one.letter === action.letter)
          if (action.letter === 'p') void router.navigate({ to: '/profile' })
          else if (item) void router.navigate({ to: item.to })
        }
      }),
    [me, router, keys],
  )
  useHotkeys([['mod+K', palette.toggle]], [])
  useEffect(() => router.subscribe('onResolved', rail.close), [router, rail.close])

  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        {t('core.skip')}
      </a>
      <aside className={`${classes.rail} no-print`}>
        <Rail me={me} />
      </aside>
      <Drawer
        opened={railOpen}
        onClose={rail.close}
        position="left"
        size={288}
        title={<Wordmark />}
        classNames={{
          content: classes.drawer!,
          header: classes.drawerHead!,
          body: classes.drawerBody!,
          close: classes.drawerClose!,
        }}
      >
        <Rail me={me} inDrawer />
      </Drawer>
      <div className={classes.column}>
        <header className={`${classes.top} no-print`}>
          <Burger
            className={classes.burger}
            opened={railOpen}
            onClick={rail.open}
            size="sm"
            aria-label={t('core.open_menu')}
            aria-expanded={railOpen}
          />
          <OrganisationMenu me={me} />
          <div className={classes.space} />
          <button
            type="button"
            className={classes.find}
            onClick={palette.open}
            aria-keyshortcuts="Control+K Meta+K"
          >
            <IconSearch size={16} aria-hidden />
            <span className={classes.findWords}>{t('core.palette_open')}</span>
            <Kbd size="xs" className={classes.findKey}>
              {commandKey()}
            </Kbd>
          </button>
          {me.tenant && <Bell />}
          <SchemeButton />
          <Tooltip label={t('core.keys_title')}>
            <ActionIcon
              className={classes.wide}
              variant="subtle"
              color="gray"
              size="lg"
              onClick={keys.open}
              aria-label={t('core.keys_title')}
            >
              <IconHelp size={20} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <ProfileMenu me={me} onKeys={keys.open} />
        </header>
        <main id="main" className={classes.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Suspense>
        {paletteOpen && <Palette onClose={palette.close} onKeys={keys.open} />}
        {keysOpen && <KeySheet onClose={keys.close} />}
      </Suspense>
    </div>
  )
}

function commandKey(): string {
  return /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘ K' : 'Ctrl K'
}

function OrganisationMenu({ me }: { me: Me }) {
  const navigate = useNavigate()
  const others = me.tenants.filter((tenant) => tenant.id !== me.tenant?.id)
  const name = me.tenant?.name ?? t('core.no_organisation')
  if (others.length === 0)
    return (
      <Text className={classes.organisation} fw={600} size="sm">
        <IconBuilding size={16} aria-hidden className={classes.organisationMark} />
        <span className={classes.organisationName}>{name}</span>
      </Text>
    )
  const change = async (tenantId: number) => {
    try {
      await enter(await api<Me>('POST', '/api/session/switch', { body: { tenant_id: tenantId } }))
      await navigate({ to: '/' })
    } catch (error) {
      failed(error)
    }
  }
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          className={classes.organisation}
          leftSection={<IconBuilding size={16} aria-hidden />}
          rightSection={<IconChevronDown size={16} aria-hidden />}
          aria-label={t('core.switch_organisation', { name })}
        >
          <span className={classes.organisationName}>{name}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown aria-label={t('core.organisations')}>
        {me.tenants.map((tenant) => (
          <Menu.Item
            key={tenant.id}
            disabled={tenant.id === me.tenant?.id}
            rightSection={tenant.id === me.tenant?.id ? <IconCheck size={16} aria-hidden /> : null}
            onClick={() => change(tenant.id)}
          >
            {tenant.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

export function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const label = scheme === 'dark' ? t('core.scheme_light') : t('core.scheme_dark')
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        className={classes.wide}
        aria-label={label}
        onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
      >
        {scheme === 'dark' ? <IconSun size={20} aria-hidden /> : <IconMoon size={20} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  )
}

function ProfileMenu({ me, onKeys }: { me: Me; onKeys: () => void }) {
  const [opened, setOpened] = useState(false)
  const navigate = useNavigate()
  const signOut = useSignOut()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const name = me.full_name || me.username
  return (
    <Menu opened={opened} onChange={setOpened} width={250}>
      <Menu.Target>
        <button type="button" className={classes.person} aria-label={t('core.profile_menu', { name })}>
          <span className={classes.initials} data-initials={initials(name)} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown aria-label={t('core.profile_menu', { name })}>
        <div className={classes.personHead} role="none">
          <Text size="sm" fw={600}>
            {name}
          </Text>
          <Text size="xs" c="dimmed" className="wrap-anywhere">
            {me.email}
          </Text>
          <Text size="xs" c="dimmed">
            {me.roles.map((role) => role.name).join(', ')}
          </Text>
        </div>
        <Menu.Item
          leftSection={<IconUserCircle size={17} aria-hidden />}
          onClick={() => navigate({ to: '/profile' })}
        >
          {t('core.profile')}
        </Menu.Item>
        <Menu.Item
          leftSection={
            scheme === 'dark' ? <IconSun size={17} aria-hidden /> : <IconMoon size={17} aria-hidden />
          }
          onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
        >
          {scheme === 'dark' ? t('core.scheme_light') : t('core.scheme_dark')}
        </Menu.Item>
        <Menu.Item leftSection={<IconHelp size={17} aria-hidden />} onClick={onKeys}>
          {t('core.keys_title')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={17} aria-hidden />} onClick={signOut}>
          {t('core.sign_out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Up to two letters for the round badge. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = words.length > 1 ? [words[0]![0], words.at(-1)![0]] : [words[0]?.slice(0, 2)]
  return letters.join('').toUpperCase()
}
