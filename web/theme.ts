import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'
import { t } from './i18n.ts'

// Ledger paper: pine ink on cool green-grey paper, brass for the one thing that is marked. Mantine's own defaults
// fail WCAG AA contrast; shades, luminance threshold and the variables below were chosen until axe found nothing.

const pine: MantineColorsTuple = [
  '#ebf5f1', '#d3e8df', '#a7d1c0', '#79b9a0', '#52a386', '#358a6d', '#227358', '#175e47', '#0f4a37', '#0a3829',
] // biome-ignore format: ten shades, light to dark
const brass: MantineColorsTuple = [
  '#fdf6e3', '#f8e9c2', '#efd391', '#e6bd62', '#d9a63c', '#bd8a22', '#966b14', '#7a560d', '#614409', '#4a3306',
] // biome-ignore format: ten shades, light to dark
const gray: MantineColorsTuple = [
  '#f6f8f7', '#eef2f0', '#e1e7e4', '#d0d8d4', '#b4bfba', '#8f9c96', '#65736c', '#4c5a53', '#333f39', '#1c2621',
] // biome-ignore format: ten shades, light to dark
const dark: MantineColorsTuple = [
  '#dfe7e3', '#c3cec8', '#a2b0a9', '#7f8e86', '#45524b', '#333f39', '#242e29', '#1a221e', '#121815', '#0c110f',
] // biome-ignore format: Mantine's order for dark, text first
const rust: MantineColorsTuple = [
  '#fdeeea', '#f9d8d0', '#f0b0a1', '#e68670', '#dc6248', '#cf492d', '#b83a20', '#9c2f18', '#7f2512', '#641c0c',
] // biome-ignore format: ten shades, light to dark

const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif'

// Asked when it is drawn: the words are loaded after this file.
const closeLabel = {
  get 'aria-label'() {
    return t('core.close')
  },
}

export const theme = createTheme({
  colors: { pine, brass, gray, dark, red: rust },
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.3,
  fontFamily: font,
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontFamily: font, fontWeight: '650' },
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '6px', md: '8px', lg: '12px', xl: '20px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  // Plain objects instead of Component.extend(): that would pull every one of them into the first load.
  components: {
    Anchor: { defaultProps: { underline: 'always' } },
    Badge: { defaultProps: { size: 'md', variant: 'light', radius: 'sm', tt: 'none', fw: 600 } },
    Button: { defaultProps: { fw: 600 } },
    // Below "sm" the box is smaller than the 24 px of WCAG 2.2 target size.
    Checkbox: { defaultProps: { size: 'sm' } },
    Switch: { defaultProps: { size: 'md' } },
    // Menus and lists open where they belong: outside of every landmark a screen reader would not find them.
    Menu: {
      defaultProps: {
        withinPortal: false,
        withInitialFocusPlaceholder: false,
        shadow: 'md',
        position: 'bottom-end',
      },
    },
    // A dialog is not a page: its head must not be a second banner.
    ModalHeader: { defaultProps: { component: 'div' } },
    DrawerHeader: { defaultProps: { component: 'div' } },
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: closeLabel,
      },
    },
    Drawer: {
      defaultProps: {
        position: 'right',
        size: 'md',
        overlayProps: { backgroundOpacity: 0.35 },
        closeButtonProps: closeLabel,
      },
    },
    Pagination: {
      defaultProps: {
        size: 'sm',
        getControlProps: (control: 'first' | 'previous' | 'last' | 'next') => ({
          'aria-label': t(`core.page_${control}`),
        }),
      },
    },
    Paper: { defaultProps: { withBorder: true, radius: 'md' } },
    Tooltip: { defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: false } } },
    Select: {
      defaultProps: { checkIconPosition: 'right', comboboxProps: { shadow: 'md', withinPortal: false } },
    },
  },
})

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f4f7f5',
    '--mantine-color-text': '#18211d',
    '--mantine-color-dimmed': '#55625b',
    '--mantine-color-placeholder': '#66736c',
    '--mantine-color-error': '#a5290f',
    '--mantine-color-anchor': '#155a43',
    '--mantine-color-default': '#ffffff',
    '--mantine-color-default-border': '#cdd6d1',
    '--mantine-color-disabled-color': '#66736c',
    '--mantine-color-red-light-color': '#8c2a13',
    '--mantine-color-brass-light-color': '#664708',
    '--mantine-color-pine-light-color': '#0f4a37',
    '--mantine-color-gray-light-color': '#3c4943',
  },
  dark: {
    '--mantine-color-body': '#101512',
    '--mantine-color-text': '#dde6e1',
    '--mantine-color-dimmed': '#9dada5',
    '--mantine-color-placeholder': '#8b9a92',
    '--mantine-color-error': '#f1937d',
    '--mantine-color-anchor': '#8ecbb3',
    '--mantine-color-default': '#1a221e',
    '--mantine-color-default-border': '#38453f',
    '--mantine-color-disabled-color': '#8b9a92',
    '--mantine-color-red-light-color': '#f5a996',
    '--mantine-color-brass-light-color': '#e6c26c',
    '--mantine-color-pine-light-color': '#9fd6c0',
    '--mantine-color-gray-light-color': '#c3cec8',
  },
})
