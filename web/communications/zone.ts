// What a clock on the wall of the organisation shows, as the field for date and time has it: 2026-11-24T08:00.

const clocks = new Map<string, Intl.DateTimeFormat>()
function clock(zone: string) {
  let known = clocks.get(zone)
  if (!known) {
    known = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'short',
    })
    clocks.set(zone, known)
  }
  return known
}

export const wallClock = (instant: string | Date, zone: string): string =>
  clock(zone).format(new Date(instant)).replace(' ', 'T')

/** The instant at which the zone's clock shows it; in the hour that a summer time skips, the one after. */
export function instantOf(local: string, zone: string): string {
  const wanted = Date.parse(`${local}:00Z`)
  let instant = wanted
  for (let round = 0; round < 3; round++) {
    const off = wanted - Date.parse(`${wallClock(new Date(instant), zone)}:00Z`)
    if (off === 0) break
    instant += off
  }
  return new Date(instant).toISOString()
}
