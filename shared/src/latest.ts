/** Makes something of a thing; asked again for the same thing, it is what was made. */
export const forLatest = <Of, Made>(make: (of: Of) => Made): ((of: Of) => Made) => {
  let latest: { readonly of: Of; readonly made: Made } | undefined
  return (of) => {
    if (latest?.of !== of || !latest) latest = { of, made: make(of) }
    return latest.made
  }
}

/** The same for any number of things, for as long as they live. */
export const forEvery = <Of extends object, Made>(make: (of: Of) => Made): ((of: Of) => Made) => {
  const made = new WeakMap<Of, { readonly made: Made }>()
  return (of) => {
    const kept = made.get(of) ?? { made: make(of) }
    made.set(of, kept)
    return kept.made
  }
}
