import {
  Schema,
  type Connection,
  type IndexDefinition,
  type IndexOptions,
  type SchemaDefinition,
  type mongo,
} from 'mongoose'

/** One collection: its name, the shape the database itself enforces, and its indexes. */
export type CollectionDefinition<Document extends { _id: string }> = {
  readonly name: string
  readonly schema: Schema
  /** Aggregation expressions that must hold for every stored document, whoever writes it. */
  readonly invariants: readonly mongo.Document[]
  /** Never set: carries the type of the documents. */
  readonly document?: Document
}

export type Index = { readonly fields: IndexDefinition; readonly options?: IndexOptions }

type Options = { readonly indexes?: readonly Index[]; readonly invariants?: readonly mongo.Document[] }

/** Defines a collection once: the same schema serves the model, the validator and the indexes. */
export const defineCollection = <Document extends { _id: string }>(
  name: string,
  fields: SchemaDefinition,
  { indexes = [], invariants = [] }: Options = {},
): CollectionDefinition<Document> => {
  const schema = new Schema(
    { _id: { type: String, required: true }, ...fields },
    { strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false, minimize: false, id: false },
  )
  for (const { fields: keys, options } of indexes) schema.index(keys, options)
  return { name, schema, invariants }
}

export const modelOf = <Document extends { _id: string }>(
  db: Connection,
  { name, schema }: CollectionDefinition<Document>,
) => db.models[name] ?? db.model(name, schema, name)

/** Creates what is missing and brings validators and indexes up to date; safe to run again. */
export const ensureCollections = async (
  db: Connection,
  definitions: readonly CollectionDefinition<{ _id: string }>[],
): Promise<void> => {
  const existing = new Set((await db.listCollections()).map(({ name }) => name))
  const isThere = ({ name }: { name: string }) => existing.has(name)
  await Promise.all(
    definitions.filter((definition) => !isThere(definition)).map((definition) => create(db, definition)),
  )
  // One after another: others work on these meanwhile.
  for (const definition of definitions.filter(isThere)) {
    await db.db?.command({ collMod: definition.name, ...validationOf(definition) })
    await modelOf(db, definition).createIndexes()
  }
}

const create = async (db: Connection, definition: CollectionDefinition<{ _id: string }>): Promise<void> => {
  await db.createCollection(definition.name, { ...validationOf(definition), storageEngine: COMPRESSED })
  await modelOf(db, definition).createIndexes()
}

const validationOf = (definition: CollectionDefinition<{ _id: string }>) =>
  ({ validator: validatorOf(definition), validationLevel: 'strict', validationAction: 'error' }) as const

// Journals and outboxes repeat themselves: zstd keeps them at a fraction of what the default compressor does.
const COMPRESSED = { wiredTiger: { configString: 'block_compressor=zstd' } }

const validatorOf = ({ schema, invariants }: CollectionDefinition<{ _id: string }>): mongo.Document => ({
  $and: [
    { $jsonSchema: schema.toJSONSchema({ useBsonType: true }) },
    ...invariants.map((invariant) => ({ $expr: invariant })),
  ],
})
