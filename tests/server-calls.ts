// Calls of the product as a process of its own, by its first administrator.

export const keeper = { email: 'keeper@example.com', password: 'a long password of the proof' }

/** Settings of a server that is its first administrator's alone. */
export const keptBy = (dataDir: string) => ({
  DATA_DIR: dataDir,
  DEMO: 'off',
  ADMIN_EMAIL: keeper.email,
  ADMIN_PASSWORD: keeper.password,
  RATE_LIMIT_REQUESTS: '1000000',
})

/** A token of the administrator in an organisation that this makes. */
export async function enterNewOrganisation(
  url: string,
  code: string,
  timezone = 'Europe/Berlin',
): Promise<string> {
  const signedIn = await callServer(url, 'POST', '/api/auth/token', {
    username: keeper.email,
    password: keeper.password,
  })
  const by = signedIn.access_token as string
  const organisation = { name: code, code, currency: 'EUR', timezone, country: 'DE' }
  const tenant = await callServer(url, 'POST', '/api/tenants', organisation, by)
  const entered = await callServer(url, 'POST', `/api/tenants/${tenant.id}/enter`, {}, by)
  return entered.access_token as string
}

export async function callServer(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  token?: string,
  headers: Record<string, string> = {},
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
): Promise<any> {
  const isForm = body instanceof FormData
  const answer = await fetch(url + path, {
    method,
    headers: {
      ...(body && !isForm ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: isForm ? body : body ? JSON.stringify(body) : undefined,
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`)
  return JSON.parse(text)
}
