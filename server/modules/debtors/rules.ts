// What names mean. Nothing is read or written here.

const words = (text: string) =>
  ` ${text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `

/** Whether the pharmacy's own list names this account: by its number, or by words of its name, whole ones. */
export const namedMedicalAid = (
  { acc_no, name }: { acc_no: string; name: string },
  list: readonly string[],
): boolean =>
  list.some((entry) => {
    const wanted = words(entry)
    return wanted.trim() !== '' && (words(acc_no) === wanted || words(name).includes(wanted))
  })
