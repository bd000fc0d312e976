/** Makes something of a thing; asked again for the same thing, it is what was made. */
export const forLatest = <Of, Made>(make: (of: Of) => Made): ((of: Of) => Made) => {
  let latest: { readonly of: Of; readonly made: Made } | undefined
  return (of) => {
    if (latest?.of !== of || !latest) latest = { of, made: make(of) }
    return latest.made
  }
}
