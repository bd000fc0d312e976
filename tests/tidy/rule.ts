import type { Files, Source } from './source.js'

/** A rule of the house, with the small trees that prove it: each of `breaks` is reported, each of `allows` is not. */
export type Rule = {
  name: string
  violations: (sources: readonly Source[]) => string[]
  breaks: Files[]
  allows?: Files[]
}

/** A rule that looks at one import at a time; `problem` names what is wrong with it, if anything. */
export const importRule = (
  rule: Omit<Rule, 'violations'> & { problem: (from: string, target: string, typeOnly: boolean) => string | false },
): Rule => ({
  ...rule,
  violations: (sources) =>
    sources.flatMap(({ path, imports }) =>
      imports.flatMap(({ specifier, target, typeOnly }) => {
        const problem = rule.problem(path, target, typeOnly)
        return problem === false ? [] : [`${path} imports ${specifier}: ${problem}`]
      }),
    ),
})
