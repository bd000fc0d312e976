type Snake<Name extends string> = Name extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${Snake<Rest>}`
  : Name

type Camel<Name extends string> = Name extends `${infer Head}_${infer Rest}`
  ? `${Head}${Capitalize<Camel<Rest>>}`
  : Name

type WireValue<Value> = Value extends Date ? string : Value

/** The wire form of a flat record: `createdAt: Date` becomes `created_at: string`. */
export type Wire<Fields> = { [Name in keyof Fields as Snake<Name & string>]: WireValue<Fields[Name]> }

/** The inner form of a flat request body: `low_stock_threshold` becomes `lowStockThreshold`; what is undefined is not there. */
export type Inner<Fields> = { [Name in keyof Fields as Camel<Name & string>]: Exclude<Fields[Name], undefined> }

const wireNames = new Map<string, string>()

// The names of fields are few, and the same for every record.
const toWireName = (name: string): string => {
  const known = wireNames.get(name)
  if (known !== undefined) return known
  const made = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  wireNames.set(name, made)
  return made
}

export const toWire = <Fields extends object>(fields: Fields): Wire<Fields> => {
  const wire: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields) as [string, unknown][])
    wire[toWireName(name)] = value instanceof Date ? value.toISOString() : value
  return wire as Wire<Fields>
}

export const fromWire = <Fields extends object>(fields: Fields): Inner<Fields> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), value as unknown]),
  ) as Inner<Fields>
