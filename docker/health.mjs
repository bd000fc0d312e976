// Asks this container's own process: alive by default, ready when told /readyz.
const [path = '/healthz'] = process.argv.slice(2)
const answer = await fetch(`http://127.0.0.1:${process.env.METRICS_PORT}${path}`).catch(() => undefined)
process.exit(answer?.ok ? 0 : 1)
