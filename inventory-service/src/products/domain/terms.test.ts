import { expect, test } from '@jest/globals'
import { slugOf } from '../../categories/domain.js'
import { looksLike, termsOf, trigramsOf, wordsOf } from './terms.js'

test('words are folded: case and marks make no difference', () => {
  expect(wordsOf('Crème BRÛLÉE, Straße 500ml crème')).toEqual(['creme', 'brulee', 'strasse', '500ml'])
})

test('a word is found by its beginnings from two letters on', () => {
  expect(termsOf(['mug', 'a'])).toEqual(['mu', 'mug', 'a'])
  expect(termsOf(['abcdefghijklmnopqrst']).at(-1)).toBe('abcdefghijklmno')
})

test('words that look alike share trigrams', () => {
  const shared = trigramsOf('botle').filter((trigram) => trigramsOf('bottle').includes(trigram))
  expect(shared).toEqual([' bo', 'bot', 'tle', 'le '])
})

test.each(['bottle', 'botle', 'bottel', 'bottles', 'bpttle', 'obttle', 'botl'])('%s looks like bottle', (typed) => {
  expect(looksLike(typed, 'bottle')).toBe(true)
})

test.each(['battel', 'kettle', 'tle', 'blottel'])('%s does not look like bottle', (typed) => {
  expect(looksLike(typed, 'bottle')).toBe(false)
})

test('a slug is made of what can stand in an address', () => {
  expect(slugOf('  Żółty kubek, 300 ml! ')).toBe('zolty-kubek-300-ml')
  expect(slugOf('日本')).toBeUndefined()
})
