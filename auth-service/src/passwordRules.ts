import { invalidAt } from '@countinghouse/shared/http/problem'
import { z } from 'zod'

/** A password that somebody chooses; `assertGoodPassword` knows the rules that need more than its length. */
export const NewPassword = z.string().min(8).max(128)

type Chosen = { password: string; field: string; email: string; username: string | undefined }

/** Refuses a password that is among the first guesses, in general or for this user. */
export const assertGoodPassword = ({ password, field, email, username }: Chosen): void => {
  const wanted = password.toLowerCase()
  const own = [email, email.slice(0, email.indexOf('@')), username ?? email].map((name) => name.toLowerCase())
  if (own.includes(wanted)) throw weak(field, 'choose a password that is not your name or e-mail address')
  if (isCommon(wanted)) throw weak(field, 'choose a password that is not among the most common ones')
}

const weak = (field: string, msg: string) => invalidAt(['body', field], msg, 'value_error.password')

// What begins a large part of leaked passwords; people add digits and signs to them.
const COMMON = new Set(
  `password passwort passw0rd p@ssword p@ssw0rd pass admin administrator root login welcome letmein changeme default
  secret guest test testtest user username master superman batman spiderman pokemon starwars dragon monkey tiger lion
  football baseball basketball soccer hockey cricket liverpool chelsea arsenal barcelona princess sunshine flower
  summer winter spring autumn iloveyou loveyou lovely love iloveu whatever trustno shadow michael jordan jennifer
  jessica ashley daniel charlie thomas robert andrew matthew joshua anthony samantha computer internet samsung google
  facebook microsoft windows apple android qwerty qwertz azerty qwertyuiop asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm
  qazwsx qweasd qweasdzxc abc abcd abcdef abcdefg abcdefgh abcabc aaa blink money freedom killer hunter ranger buster
  hello hello123 helloworld access mustang corvette ferrari mercedes porsche maggie ginger pepper cookie cheese banana
  orange chocolate purple yellow silver golden diamond matrix phoenix thunder jesus christ heaven angel family
  countinghouse loanapp company business work office monday friday january february december`.split(/\s+/),
)
const EDGES = /^[\d\W_]+|[\d\W_]+$/g
const KEYBOARD = ['01234567890', '09876543210', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm']

const ADDED_MAX = 8

const isCommon = (password: string): boolean => {
  const bare = password.replace(EDGES, '')
  const isDecorated = password.length - bare.length <= ADDED_MAX && COMMON.has(bare)
  return isDecorated || COMMON.has(password) || isRepetition(password) || isWalk(password)
}

/** `aaaaaaaa`, `abcabcabc`, `12121212`. */
const isRepetition = (password: string): boolean => /^(.{1,4})\1+$/.test(password)

/** `12345678`, `abcdefgh`, `qwertyui1234`: runs along the keyboard or the alphabet and nothing else. */
const isWalk = (password: string): boolean => {
  let rest = password
  while (rest.length > 0) {
    const step = KEYBOARD.map((row) => sharedStart(rest, row)).reduce((longest, one) => Math.max(longest, one))
    if (step < Math.min(3, rest.length)) return false
    rest = rest.slice(step)
  }
  return true
}

const sharedStart = (text: string, row: string): number => {
  let length = 0
  while (length < text.length && row.includes(text.slice(0, length + 1))) length += 1
  return length
}
