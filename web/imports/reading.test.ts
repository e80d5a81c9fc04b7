import { expect, test } from 'vitest'
import type { ImportDetails, ImportQuestion } from '../wire.ts'
import { openSteps, viewOf } from './reading.ts'

const question = (id: string): ImportQuestion => ({ id, column: '', message: '', options: [], examples: [] })
const one = (status: ImportDetails['status'], ...questions: ImportQuestion[]) => ({
  status,
  questions,
  rows: 10,
  rejected: 0,
})

test('a file of a known source goes straight to the difference, a new one is looked at first', () => {
  expect(viewOf(one('checked'), undefined, true)).toBe('difference')
  expect(viewOf(one('checked'), undefined, false)).toBe('reading')
  expect(viewOf(one('checked'), 'columns', true)).toBe('columns')
})

test('a file of which no row can be taken is mended first', () => {
  expect(viewOf({ ...one('checked'), rejected: 10 }, undefined, true)).toBe('fix')
})

test('questions are answered where they belong, and close what follows from their answer', () => {
  expect(viewOf(one('asking', question('mapping'), question('decimal')), undefined, false)).toBe('reading')
  expect(viewOf(one('asking', question('status_words')), 'difference', true)).toBe('columns')
  expect(openSteps(one('asking', question('mapping')))).toEqual(['reading', 'columns'])
  expect(viewOf(one('asking', question('missing')), undefined, false)).toBe('difference')
  expect(openSteps(one('asking', question('missing')))).toEqual(['reading', 'columns', 'difference'])
})

test('columns that are missing are chosen', () => {
  expect(viewOf(one('asking'), undefined, false)).toBe('columns')
})

test('what is over or under way is shown whatever the address says', () => {
  expect(viewOf(one('published'), 'fix', true)).toBe('report')
  expect(viewOf(one('reverted'), undefined, true)).toBe('report')
  expect(viewOf(one('publishing'), 'fix', true)).toBe('working')
  expect(viewOf(one('refused'), 'fix', true)).toBe('stopped')
})
