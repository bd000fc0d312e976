import { describe, expect, test } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import { arrows } from './tidy/arrows.js'
import { banned } from './tidy/banned.js'
import { indexes } from './tidy/indexes.js'
import { packages } from './tidy/packages.js'
import { purity } from './tidy/purity.js'
import { sizes } from './tidy/sizes.js'
import { readTree, sourcesOf } from './tidy/source.js'
import { unused } from './tidy/unused.js'

const tree = readTree(fileURLToPath(new URL('..', import.meta.url)))

describe.each([...arrows, ...purity, ...packages, ...banned, ...sizes, ...indexes, ...unused])(
  '$name',
  ({ violations, breaks, allows = [] }) => {
    test('the rule sees each way to break it', () => {
      const unseen = breaks.filter((files) => violations(sourcesOf(files)).length === 0)
      expect(unseen).toEqual([])
    })

    test('the rule lets sensible code pass', () => {
      expect(allows.flatMap((files) => violations(sourcesOf(files)))).toEqual([])
    })

    test('the house keeps it', () => {
      expect(violations(tree)).toEqual([])
    })
  },
)
