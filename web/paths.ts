/** Only a path of this very site may follow a sign-in. */
export function safePath(to: string | undefined): string {
  return to && /^\/(?![/\\])/.test(to) ? to : '/'
}
