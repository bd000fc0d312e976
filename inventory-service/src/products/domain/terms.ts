import { fold } from '../../categories/domain.js'

const TERM_MIN = 2
export const TERM_MAX = 15
const WORDS_MAX = 200

/** The words of a text, folded, each once. */
export const wordsOf = (text: string): string[] => [
  ...new Set(
    fold(text)
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== '')
      .slice(0, WORDS_MAX),
  ),
]

/** The beginnings of words from two letters on: what somebody types who has not yet typed all. */
export const termsOf = (words: readonly string[]): string[] => [...new Set(words.flatMap(beginningsOf))]

const beginningsOf = (word: string): string[] => {
  const lengths = Math.min(word.length, TERM_MAX) - TERM_MIN + 1
  return lengths < 1 ? [word] : Array.from({ length: lengths }, (_, index) => word.slice(0, TERM_MIN + index))
}

/** Every three letters in a row, with the edges of the word: words that look alike share many. */
export const trigramsOf = (word: string): string[] => {
  const padded = ` ${word} `
  return [...new Set(Array.from({ length: padded.length - 2 }, (_, index) => padded.slice(index, index + 3)))]
}

/** Words shorter than that are too short to guess at. */
export const GUESS_FROM = 4

/** True when one typing mistake (a letter missing, extra, wrong or swapped) makes one the other, or its beginning. */
export const looksLike = (typed: string, word: string): boolean =>
  [-1, 0, 1].some((more) => isOneTypoApart(typed, word.slice(0, typed.length + more))) || isOneTypoApart(typed, word)

const isOneTypoApart = (one: string, other: string): boolean => {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one]
  if (long.length - short.length > 1) return false
  let at = 0
  while (at < short.length && short[at] === long[at]) at += 1
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1)
  const isSwapped = short[at] === long[at + 1] && short[at + 1] === long[at]
  return short.slice(at + 1) === long.slice(at + 1) || (isSwapped && short.slice(at + 2) === long.slice(at + 2))
}
