/** A step of a document that another service owns: one fact of the business, of which there is one entry for ever. */
export type Fact = { document: { kind: string; id: string }; step: string }

/** What an entry about such a fact is called in the books. Neither kind nor id has a colon, so no two facts share a key. */
export const namesOf = ({ document: { kind, id }, step }: Fact) => ({
  key: `${kind}:${id}:${step}`,
  kind,
  reference: { kind, id },
})
