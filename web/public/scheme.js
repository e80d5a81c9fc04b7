;(() => {
  var stored = null
  try {
    stored = localStorage.getItem('mantine-color-scheme-value')
  } catch {}
  var dark = stored === 'dark' || (stored !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
