import { fetchDirectly } from '../../shared/runtime/http/direct-fetch.ts'

/** One metric of a page in the text format of Prometheus. */
export type Sample = { readonly name: string; readonly labels: string; readonly value: number }

/** The metrics of a page. */
export const samplesIn = (page: string): Sample[] =>
  page.split('\n').flatMap(line => {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? ([^ ]+)/.exec(line) ?? []
    return name === '' ? [] : [{ name, labels, value: Number(value) }]
  })

/** The sum over all labels that have `part` in them; undefined when there is no such metric. */
export const sumOf = (samples: readonly Sample[], name: string, part = ''): number | undefined => {
  const found = samples.filter(sample => sample.name === name && sample.labels.includes(part))
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0)
}

const patienceMs = 5_000

/** The metrics at a URL; none when it does not answer. */
export const scrape = async (url: string): Promise<Sample[]> => {
  try {
    const answer = await fetchDirectly(url, { signal: AbortSignal.timeout(patienceMs) })
    return answer.ok ? samplesIn(await answer.text()) : []
  } catch {
    return []
  }
}
