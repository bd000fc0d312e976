import { inflateSync } from 'node:zlib'

type Part = { dictionary: string; content: string }

/** The words of a PDF page by page, read back through the tables that say which letter each glyph is. */
export const pdfText = (file: Buffer): string[] => {
  const parts = partsOf(file)
  const fonts = fontsOf(parts)
  return [...parts.values()]
    .filter(({ dictionary }) => /\/Type \/Page\b/.test(dictionary))
    .map(({ dictionary }) => parts.get(/\/Contents (\d+)/.exec(dictionary)?.[1] ?? '')?.content ?? '')
    .map((content) => textOf(content, fonts))
}

const partsOf = (file: Buffer): Map<string, Part> => {
  const parts = new Map<string, Part>()
  for (const found of file.toString('latin1').matchAll(/(\d+) 0 obj\n([\s\S]*?)endobj/g)) {
    const [, id = '', body = ''] = found
    const [dictionary = '', stream = ''] = body.split('stream\n', 2)
    const bytes = Buffer.from(stream.replace(/\nendstream\n$/, ''), 'latin1')
    const content = dictionary.includes('FlateDecode') && bytes.length > 0 ? inflateSync(bytes).toString('latin1') : ''
    parts.set(id, { dictionary, content })
  }
  return parts
}

/** By the name of a font on the pages, the letter of each glyph. */
const fontsOf = (parts: Map<string, Part>): Map<string, string[]> => {
  const resources = [...parts.values()].map(({ dictionary }) => dictionary).join('\n')
  const named = [...resources.matchAll(/\/(F\d+) (\d+) 0 R/g)]
  return new Map(
    named.map(([, name = '', id = '']) => {
      const map = /\/ToUnicode (\d+)/.exec(parts.get(id)?.dictionary ?? '')?.[1] ?? ''
      return [name, lettersOf(parts.get(map)?.content ?? '')]
    }),
  )
}

const lettersOf = (map: string): string[] =>
  [...map.matchAll(/\[([^\]]*)\]/g)]
    .flatMap(([, list = '']) => [...list.matchAll(/<([0-9a-f ]+)>/gi)])
    .map(([, units = '']) => String.fromCharCode(...units.split(' ').map((unit) => parseInt(unit, 16))))

const textOf = (content: string, fonts: Map<string, string[]>): string => {
  let letters: string[] = []
  const lines: string[] = []
  for (const [, name, glyphs] of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[([^\]]*)\] TJ/g)) {
    if (name !== undefined) letters = fonts.get(name) ?? []
    else lines.push([...(glyphs ?? '').matchAll(/<([0-9a-f]+)>/g)].map(([, hex = '']) => decode(hex, letters)).join(''))
  }
  return lines.join('\n')
}

const decode = (hex: string, letters: readonly string[]): string =>
  (hex.match(/.{4}/g) ?? []).map((code) => letters[parseInt(code, 16)] ?? '?').join('')
