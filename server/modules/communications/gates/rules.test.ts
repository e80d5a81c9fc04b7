import { describe, expect, test } from 'vitest'
import { holidayOn, holidaysOf } from './holidays.ts'
import { closedAt, defaultWeek, instantOf, nextOpening, type Times, wallClock } from './hours.ts'
import { type Facts, judge, type Rules, stopsOf } from './rules.ts'

const facts = (more: Partial<Facts> = {}): Facts => ({
  id: 1,
  kind: 'email',
  address: 'john@example.com',
  reach: 'john@example.com',
  is_medical_aid: false,
  is_control: false,
  suppressed: null,
  owed: 1000n,
  paid_since: 0n,
  disputed: 0n,
  promised_until: null,
  blocked_until: null,
  reminded_on: null,
  ...more,
})
const rules: Rules = { today: '2026-03-11', repeat_days: 7, closed: null }

test.each<[why: string, more: Partial<Facts>, expected: string[]]>([
  ['nothing in the way', {}, []],
  ['medical aid', { is_medical_aid: true }, ['medical_aid']],
  ['control account', { is_control: true }, ['control']],
  ['no address', { address: null, reach: '' }, ['no_address']],
  ['spaces are no address', { address: '  ', reach: '' }, ['no_address']],
  ['half an address', { address: 'john@example', reach: '' }, ['no_address']],
  ['too few digits', { kind: 'sms', address: '08212', reach: '' }, ['no_address']],
  ['opted out', { suppressed: 'opted_out' }, ['opted_out']],
  ['called spam', { suppressed: 'spam' }, ['opted_out']],
  ['bounced', { suppressed: 'bounced' }, ['bounced']],
  ['nothing owed', { owed: 0n }, ['paid']],
  ['in credit', { owed: -5n }, ['paid']],
  ['paid since', { paid_since: 1000n }, ['paid']],
  ['part paid since', { paid_since: 999n }, []],
  ['all in dispute', { disputed: 1000n }, ['dispute']],
  ['what is left is in dispute', { paid_since: 400n, disputed: 600n }, ['dispute']],
  ['part in dispute', { disputed: 999n }, []],
  ['open promise, its last day', { promised_until: '2026-03-11' }, ['promise']],
  ['promise over', { promised_until: '2026-03-10' }, []],
  ['blocked', { blocked_until: '2026-04-01' }, ['block']],
  ['reminded six days ago', { reminded_on: '2026-03-05' }, ['reminded']],
  ['reminded seven days ago', { reminded_on: '2026-03-04' }, []],
  [
    'everything at once, in order',
    { is_medical_aid: true, address: '', reach: '', owed: 0n },
    ['medical_aid', 'no_address', 'paid'],
  ],
])('%s', (_why, more, expected) => {
  expect(stopsOf(facts(more), rules).map(({ gate }) => gate)).toEqual(expected)
})

describe('one address, one reminder', () => {
  test('forms of one number are one; the first as given gets it', () => {
    const sms = (id: number, reach: string) => facts({ id, kind: 'sms', address: `+${reach}`, reach })
    const judged = judge([sms(1, '27821234567'), sms(2, '27821234567'), sms(3, '27829999999')], rules)
    expect(judged.map(({ stops }) => stops.map(({ gate }) => gate))).toEqual([[], ['duplicate'], []])
  })
  test('who gets nothing anyway takes the address from nobody', () => {
    const judged = judge([facts({ id: 1, owed: 0n }), facts({ id: 2 })], rules)
    expect(judged.map(({ stops }) => stops.map(({ gate }) => gate))).toEqual([['paid'], []])
  })
  test('somebody else was reminded there already', () => {
    const [judged] = judge([facts()], rules, new Set(['john@example.com']))
    expect(judged!.stops.map(({ gate }) => gate)).toEqual(['duplicate'])
  })
})

describe('holidays', () => {
  test('South Africa as gazetted', () => {
    const days = (year: number) =>
      holidaysOf('ZA', year)
        .map(({ day }) => day.slice(5))
        .join(' ')
    // Published lists of gov.za.
    expect(days(2025)).toBe('01-01 03-21 04-18 04-21 04-27 04-28 05-01 06-16 08-09 09-24 12-16 12-25 12-26')
    expect(days(2026)).toBe('01-01 03-21 04-03 04-06 04-27 05-01 06-16 08-09 08-10 09-24 12-16 12-25 12-26')
    expect(days(2027)).toBe(
      '01-01 03-21 03-22 03-26 03-29 04-27 05-01 06-16 08-09 09-24 12-16 12-25 12-26 12-27',
    )
  })
  test('feasts by the moon, and the day after', () => {
    expect([
      holidayOn('UZ', '2026-03-20'),
      holidayOn('UZ', '2026-03-21'),
      holidayOn('UZ', '2026-05-27'),
    ]).toEqual(['Ramazon hayit', 'Ramazon hayit', 'Qurbon hayit'])
    expect([
      holidayOn('IN', '2026-11-08'),
      holidayOn('IN', '2026-03-04'),
      holidayOn('IN', '2026-08-15'),
    ]).toEqual(['Diwali', 'Holi', 'Independence Day'])
    expect(holidayOn('US', '2026-12-25')).toBeNull()
  })
})

describe('hours', () => {
  const times = (country: string, timezone: string, more: Partial<Times> = {}): Times => ({
    timezone,
    country,
    week: defaultWeek(country),
    keeps_holidays: true,
    rest_days: [],
    work_days: [],
    ...more,
  })
  const za = times('ZA', 'Africa/Johannesburg')
  const at = (time: string) => new Date(`${time}+02:00`)
  test.each([
    ['2026-03-11T07:59:59', 'quiet_hours', '2026-03-11T08:00:00'],
    ['2026-03-11T08:00:00', null, null],
    ['2026-03-11T19:59:59', null, null],
    ['2026-03-11T20:00:00', 'quiet_hours', '2026-03-12T08:00:00'],
    ['2026-03-14T12:59:00', null, null],
    ['2026-03-14T13:00:00', 'quiet_hours', '2026-03-16T08:00:00'],
    ['2026-03-15T10:00:00', 'quiet_hours', '2026-03-16T08:00:00'],
    // Good Friday, then Saturday; Family Day is the Monday after.
    ['2026-04-03T10:00:00', 'holiday', '2026-04-04T09:00:00'],
    ['2026-04-04T13:30:00', 'quiet_hours', '2026-04-07T08:00:00'],
  ])('South Africa at %s', (now, gate, next) => {
    const closed = closedAt(at(now), za)
    expect([closed?.gate ?? null, closed?.next?.getTime() ?? null]).toEqual([
      gate,
      next ? at(next).getTime() : null,
    ])
  })
  test('an organisation may work on a holiday, and rest on another day', () => {
    const own = { ...za, work_days: ['2026-04-03'], rest_days: ['2026-03-11'] }
    expect(closedAt(at('2026-04-03T10:00:00'), own)).toBeNull()
    expect(closedAt(at('2026-03-11T10:00:00'), own)?.gate).toBe('holiday')
    expect(closedAt(at('2026-04-03T10:00:00'), { ...za, keeps_holidays: false })).toBeNull()
  })
  test('whoever is closed all week has no next time', () => {
    expect(
      nextOpening(at('2026-03-11T10:00:00'), { ...za, week: [null, null, null, null, null, null, null] }),
    ).toBeNull()
  })
  test('clocks on the wall, and back', () => {
    expect(wallClock(new Date('2026-03-11T18:45:00Z'), 'Asia/Kolkata')).toEqual({
      day: '2026-03-12',
      time: '00:15',
    })
    expect(instantOf('2026-03-12', '00:15', 'Asia/Kolkata').toISOString()).toBe('2026-03-11T18:45:00.000Z')
    expect(instantOf('2026-07-01', '09:00', 'Europe/Berlin').toISOString()).toBe('2026-07-01T07:00:00.000Z')
    // The hour from two to three is skipped.
    expect(instantOf('2026-03-29', '02:30', 'Europe/Berlin').getTime()).toBeGreaterThanOrEqual(
      Date.parse('2026-03-29T01:00:00Z'),
    )
  })
})
