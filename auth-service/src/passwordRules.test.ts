import { describe, expect, test } from '@jest/globals'
import { assertGoodPassword } from './passwordRules.js'

const choose = (password: string) => () => {
  assertGoodPassword({ password, field: 'password', email: 'asha.rao@example.com', username: 'asha_r99' })
}

describe('a password is refused that is among the first guesses', () => {
  test.each([
    ...['password', 'Password1', 'passw0rd!', 'P@ssword2026', '!!qwerty!!', 'letmein123', 'sunshine', 'Welcome2026!'],
    ...['12345678', '1234567890', '87654321', 'abcdefgh', 'qwertyuiop', 'asdfghjkl', 'abcd1234', 'qwerty123456'],
    ...['aaaaaaaa', '12121212', 'abcabcabc', 'iloveyou!', 'dragon2000', 'countinghouse'],
  ])('by anyone: %s', (password) => expect(choose(password)).toThrow(/schema/))

  test.each(['asha.rao@example.com', 'ASHA.RAO', 'Asha_r99'])('by who knows the name: %s', (password) =>
    expect(choose(password)).toThrow(/schema/),
  )
})

test.each([
  'correct horse battery',
  'Tr0ub4dor&3',
  'long enough',
  'x9$kQm2!vL',
  'purple-monkey-dishwasher',
  'мой пароль тут',
])('a password that nobody guesses soon is good, whatever it is made of: %s', (password) =>
  expect(choose(password)).not.toThrow(),
)
