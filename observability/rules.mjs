import { readFileSync, writeFileSync } from 'node:fs'

// Writes the rules as Prometheus' operator takes them, which reads no files: node observability/rules.mjs
const toResource = (name) => {
  const [, groups] = readFileSync(new URL(`rules/${name}.yml`, import.meta.url), 'utf8').split(/^groups:\n/m)
  return `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: ${name}
  namespace: countinghouse
  labels: { app.kubernetes.io/part-of: countinghouse }
spec:
  groups:
${groups.replace(/^(?=.)/gm, '  ')}`
}

const resources = ['indicators', 'alerts'].map(toResource)
writeFileSync(
  new URL('../k8s/components/monitoring/rules.yaml', import.meta.url),
  `# Written by node observability/rules.mjs.\n${resources.join('---\n')}`,
)
