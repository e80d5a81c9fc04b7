/** "user.reset_link_made" to "User reset link made": events are already named in the field's words. */
export function eventWords(kind: string): string {
  const words = kind.replace(/[._]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
