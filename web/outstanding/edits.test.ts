import { expect, test } from 'vitest'
import type { SheetCustomer } from '../wire.ts'
import { cellsOf, pasted } from './edits.ts'

const row = (id: string): SheetCustomer =>
  ({ id, remarks: 'none', notes: 'old', assignedEngineerId: null }) as SheetCustomer
const known = {
  read: (field: string, text: string) => (field === 'remark' ? { Dispute: 'dispute' }[text] : text),
  mayEdit: (field: string) => field !== 'engineer',
}

test('cells of a spreadsheet: tabs, lines, quotes around both', () => {
  expect(cellsOf('a\tb\r\nc\t"two\nlines"\r\n')).toEqual([
    ['a', 'b'],
    ['c', 'two\nlines'],
  ])
  expect(cellsOf('say ""x""')).toEqual([['say ""x""']])
  expect(cellsOf('"say ""x"""')).toEqual([['say "x"']])
  expect(cellsOf('one')).toEqual([['one']])
})

test('a block goes right and down from its cell, as far as there are rows and columns one may change', () => {
  const block = cellsOf('Dispute\tnew\tMe\nDispute\told\tMe\nDispute\tx\ty\n')
  expect(pasted(block, { row: 0, field: 'remark' }, [row('1'), row('2')], known)).toEqual({
    edits: [
      { customer: '1', field: 'remark', before: 'none', after: 'dispute' },
      { customer: '1', field: 'notes', before: 'old', after: 'new' },
      { customer: '2', field: 'remark', before: 'none', after: 'dispute' },
    ],
    wrong: [],
  })
})

test('a word that is no remark is told, and the rest is pasted', () => {
  expect(pasted([['Maybe', 'n']], { row: 0, field: 'remark' }, [row('1')], known)).toEqual({
    edits: [{ customer: '1', field: 'notes', before: 'old', after: 'n' }],
    wrong: ['Maybe'],
  })
})
