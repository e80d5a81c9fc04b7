import type { Account } from './assemble.ts'

// Reports without a column of account numbers: the number stands within the name, or the name itself has to identify.

const within: RegExp[] = [
  /^(?<account>[A-Z]{0,5}[-/]?\d[\dA-Z/.-]{1,14})\s*[-:–]\s*(?<name>.*\p{L}.*)$/iu,
  /^(?<account>[A-Z]{0,5}[-/]?\d[\dA-Z/.-]{1,14})\s+(?<name>.*\p{L}.*)$/iu,
  /^(?<name>.*\p{L}.*?)\s*[([](?<account>[A-Z]{0,5}[-/]?\d[\dA-Z/.-]{1,14})[)\]]$/iu,
  /^[([](?<account>[A-Z]{0,5}[-/]?\d[\dA-Z/.-]{1,14})[)\]]\s*(?<name>.*\p{L}.*)$/iu,
  /^(?<name>.*\p{L}.*?)\s*[-:–/]\s*(?<account>[A-Z]{0,5}\d[\dA-Z/.-]{1,14})$/iu,
]

export function identify(accounts: Account[], hasAccount: boolean) {
  if (hasAccount) {
    // A column "Account" may hold number and name together.
    if (accounts.filter(({ name }) => name === '').length < accounts.length * 0.8) return
    if (accounts.filter(({ account }) => /\p{L}.*\s|\s.*\p{L}/u.test(account)).length < accounts.length * 0.5)
      return
    for (const account of accounts) {
      account.name = account.account
      account.account = ''
    }
  }
  const pattern = within.find(
    (each) => accounts.filter(({ name }) => each.test(name)).length >= accounts.length * 0.8,
  )
  if (pattern)
    for (const account of accounts) {
      const found = pattern.exec(account.name)?.groups
      if (!found) continue
      account.account = found.account!
      account.name = found.name!.trim()
    }
  for (const account of accounts) {
    if (account.account !== '' || hasAccount) continue
    // Branches of several customers may have one name.
    account.account = account.sub_of ? `${account.sub_of}: ${account.name}` : account.name
  }
}
