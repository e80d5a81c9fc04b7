/** How much of a promise is for each of some invoices, oldest first; those beyond the amount get nothing. */
export function allocate(amount: bigint, open: readonly { id: number; open_amount: bigint }[]) {
  let left = amount
  const parts: { invoice_id: number; amount: bigint }[] = []
  for (const { id, open_amount } of open) {
    if (left <= 0n) break
    const part = open_amount < left ? open_amount : left
    parts.push({ invoice_id: id, amount: part })
    left -= part
  }
  return { parts, left }
}
