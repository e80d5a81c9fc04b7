/** Where amounts lie in a picture of this size, zero included; room is left for the stroke. */
export function lineOf(amounts: readonly number[], width: number, height: number) {
  const [low, high] = [Math.min(0, ...amounts), Math.max(0, ...amounts)]
  const span = high - low || 1
  const pad = 4
  const y = (amount: number) => round(pad + ((high - amount) / span) * (height - 2 * pad))
  return {
    points: amounts.map((amount, at) => ({
      x: round((at / Math.max(1, amounts.length - 1)) * width),
      y: y(amount),
    })),
    zero: y(0),
  }
}
const round = (value: number) => Math.round(value * 10) / 10
