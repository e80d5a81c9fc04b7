import type { Field } from './isolation.ts'

const values: Record<string, unknown[]> = {
  string: [
    '',
    ' ',
    'a'.repeat(5_000),
    "' or 1=1 --",
    "'; drop table users; --",
    '{{7*7}}<%= 7*7 %>',
    '%00',
    '../../../etc/passwd',
    '0000-01-01',
    '9999-12-31',
    '-infinity',
    'null',
    5,
    null,
    true,
    [],
    {},
    [['a']],
  ],
  number: [
    0,
    -1,
    1.5,
    2 ** 31,
    2 ** 53,
    -(2 ** 63),
    1e308,
    'NaN',
    'Infinity',
    '0x10',
    '1e3',
    '',
    null,
    [],
    {},
  ],
  boolean: ['yes', 2, null, 'nope', [], {}],
}
/** Values that a field of this kind does not expect. */
export function oddValues({ type, part }: Field): unknown[] {
  const kind = type === 'integer' ? 'number' : (type as keyof typeof values)
  const list = values[kind] ?? values.string!
  return part === 'body' ? list : list.filter((value) => typeof value !== 'object')
}
