import { randomInt } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { seeded } from './seeded.ts'

// npm run prove: claims about the product, each shown by many seeded trials; prints seed and figures.
//   npm run prove -- --seed=7 kill     repeats one with a seed;   --sample uses the small counts of npm test
// A proof is a file in tests/proofs/ whose default export is a Proof (or several).

export type Proof = {
  /** Short and kebab-case. */
  name: string
  /** The claim, as a sentence. */
  claim: string
  /** Trials of `npm run prove` and of `npm test`. */
  full: number
  sample: number
  /** Runs `trials` trials; answers the figures in a few words; throws what contradicts the claim. */
  run(context: {
    trials: number
    seed: number
    random: () => number
    note: (text: string) => void
  }): Promise<string>
}

export async function prove(
  options: { sample?: boolean; seed?: number; names?: string[] } = {},
): Promise<{ passed: number; failed: number }> {
  const seed = options.seed ?? randomInt(1, 1_000_000_000)
  const counts = { passed: 0, failed: 0 }
  console.log(`seed ${seed}`)
  for (const proof of await findProofs()) {
    if (options.names?.length && !options.names.includes(proof.name)) continue
    const trials = options.sample ? proof.sample : proof.full
    if (trials === 0) continue
    console.log(`${proof.name}: ${proof.claim}`)
    const began = performance.now()
    const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`
    const repeat = `npm run prove -- --seed=${seed}${options.sample ? ' --sample' : ''} ${proof.name}`
    try {
      const random = seeded(seed)
      const note = (text: string) => console.log(`    ${text}`)
      const figures = await proof.run({ trials, seed, random, note })
      counts.passed += 1
      console.log(`  holds: ${trials} trials, ${figures} (${seconds()})`)
    } catch (error) {
      counts.failed += 1
      console.log(`  BROKEN after ${seconds()}; repeat with: ${repeat}`)
      console.log(String((error as Error).stack ?? error).replaceAll(/^/gm, '    '))
    }
  }
  return counts
}

async function findProofs(): Promise<Proof[]> {
  const folder = join(import.meta.dirname, 'proofs')
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .sort()
  const found = await Promise.all(
    files.map(
      async (file) =>
        (await import(pathToFileURL(join(folder, file)).href)).default as Proof | Proof[] | undefined,
    ),
  )
  return found.flatMap((one) => one ?? [])
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const args = process.argv.slice(2)
  const seed = Number(args.find((arg) => arg.startsWith('--seed='))?.slice('--seed='.length)) || undefined
  const names = args.filter((arg) => !arg.startsWith('--'))
  const { passed, failed } = await prove({ sample: args.includes('--sample'), seed, names })
  console.log(`\n${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
