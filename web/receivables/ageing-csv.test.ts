import { beforeAll, expect, test } from 'vitest'
import type { Ageing } from '../wire.ts'
import { speakEnglish } from '../words-for-tests.ts'
import { ageingCsv } from './ageing-csv.ts'

beforeAll(speakEnglish)

test('the file holds the table and its totals, amounts as plain numbers', () => {
  const part = {
    buckets: [
      { bucket: 'current', label: '', from_days: null, to_days: 0, amount: 100.5, count: 1 },
      { bucket: 'over-30', label: '', from_days: 31, to_days: null, amount: 20, count: 2 },
    ],
    unapplied: -5,
    disputed: 0,
    total: 115.5,
  }
  const report: Ageing = {
    as_of: '2026-11-21',
    basis: 'due',
    currency: 'INR',
    currencies: ['INR'],
    groups: [{ key: '1', label: 'Smith, J.', ...part }],
    totals: part,
  }
  expect(ageingCsv(report).split('\r\n')).toEqual([
    '\uFEFF"As of 2026-11-21, INR",Not due,Over 30 days,Unapplied credit,Total',
    '"Smith, J.",100.5,20,-5,115.5',
    'Total,100.5,20,-5,115.5',
    '',
  ])
})
