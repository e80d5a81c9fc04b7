/** "user.reset_link_made" to "User reset link made": events are named in the field's words, but for one. */
export function eventWords(kind: string): string {
  const words = kind.replace('import.reverted', 'import.undone').replace(/[._]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
