// The pseudo-locale: English made longer and accented, so that a string that bypassed the catalogue
// or a box that is too small for a longer language shows itself in a screenshot and in a test.

const accented: Record<string, string> = {
  a: 'á', b: 'ƀ', c: 'ç', d: 'ð', e: 'é', f: 'ƒ', g: 'ĝ', h: 'ĥ', i: 'î', j: 'ĵ', k: 'ķ', l: 'ļ', m: 'ɱ',
  n: 'ñ', o: 'ó', p: 'þ', q: 'ǫ', r: 'ŕ', s: 'š', t: 'ţ', u: 'û', v: 'ṽ', w: 'ŵ', x: 'ẋ', y: 'ý', z: 'ž',
  A: 'Å', B: 'Ɓ', C: 'Ç', D: 'Ð', E: 'É', F: 'Ƒ', G: 'Ĝ', H: 'Ĥ', I: 'Î', J: 'Ĵ', K: 'Ķ', L: 'Ļ', M: 'Ṁ',
  N: 'Ñ', O: 'Ó', P: 'Þ', Q: 'Ǫ', R: 'Ŕ', S: 'Š', T: 'Ţ', U: 'Û', V: 'Ṽ', W: 'Ŵ', X: 'Ẋ', Y: 'Ý', Z: 'Ž',
} // biome-ignore format: one line per alphabet half reads better

/** Accents the letters of one piece of text. Tags like <0> are left alone. */
export function accent(text: string): string {
  return text.replace(/<\/?\w+\/?>|[A-Za-z]/g, (found) =>
    found.length === 1 ? (accented[found] ?? found) : found,
  )
}

/** About a third longer than English, which is what German or Finnish need; short words grow by more. */
export function padding(text: string): string {
  const letters = (text.match(/[A-Za-z]/g) ?? []).length
  if (letters === 0) return ''
  return `·${'·'.repeat(Math.ceil(letters * (letters < 10 ? 0.4 : 0.3)) - 1)}`
}
