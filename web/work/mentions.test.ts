import { expect, test } from 'vitest'
import { namesLike, pieces, typedName } from './mentions.ts'

const members = [
  { username: 'asha', full_name: 'Asha Rao' },
  { username: 'asha.k', full_name: 'Asha Kapoor' },
  { username: 'ravi', full_name: 'Ravi Kumar' },
]

test('a name is typed after an @ that begins a word', () => {
  expect(typedName('ask @ra', 7)).toEqual({ from: 4, name: 'ra' })
  expect(typedName('@', 1)).toEqual({ from: 0, name: '' })
  expect(typedName('mail a@ra', 9)).toBeNull()
  expect(typedName('ask @ra now', 11)).toBeNull()
})

test('colleagues are found by user name and by any word of their name', () => {
  expect(namesLike(members, 'kap').map(({ username }) => username)).toEqual(['asha.k'])
  expect(namesLike(members, 'asha').map(({ username }) => username)).toEqual(['asha', 'asha.k'])
})

test('the longest name that fits is called', () => {
  expect(pieces('@asha.k and @Ravi, please', members)).toEqual([
    { text: '@asha.k', name: 'Asha Kapoor' },
    { text: ' and ' },
    { text: '@Ravi', name: 'Ravi Kumar' },
    { text: ', please' },
  ])
  expect(pieces('nobody', [])).toEqual([{ text: 'nobody' }])
})
