// A draft is {format, price, delivery, answers: {key: text}, files: [...],
// sent, aside: [...], to: [recipients]}. Two tabs or two colleagues may change it at once; merge
// is pure, so that it can be tried without a browser.

export const empty = () => ({ format: 'gongji-bid-draft-1', price: '', delivery: '', answers: {}, files: [], sent: null, aside: [] })

const texts = (d) => ({ price: d.price, delivery: d.delivery, ...Object.fromEntries(Object.entries(d.answers).map(([k, v]) => ['answers.' + k, v])) })

// put sets one text by the name of its field.
export function put(d, name, text) {
  if (name.startsWith('answers.')) d.answers[name.slice(8)] = text
  else d[name] = text
}

export const textOf = (d, name) => texts(d)[name] ?? ''

// merge brings together what two sides made of one base. A text that only one
// side changed is that side's; where both did, mine stands and theirs is laid
// aside, to be taken or thrown away by a person. Files are added and removed
// as either side did; one that both locked anew for a colleague stays one.
export function merge(base, mine, theirs) {
  const out = structuredClone(theirs)
  const b = texts(base), m = texts(mine), t = texts(theirs)
  out.aside = [...theirs.aside]
  for (const a of mine.aside) if (!base.aside.some((x) => x.id === a.id) && !out.aside.some((x) => x.id === a.id)) out.aside.push(a)
  out.aside = out.aside.filter((a) => !base.aside.some((x) => x.id === a.id) || mine.aside.some((x) => x.id === a.id))
  for (const name of Object.keys(m)) {
    const was = b[name] ?? '', my = m[name], their = t[name] ?? ''
    if (my === was || my === their) continue
    if (their !== was && their.trim()) out.aside.push({ id: crypto.randomUUID?.() ?? String(Math.random()), field: name, text: their, by: theirs.by ?? '' })
    put(out, name, my)
  }
  const had = new Set(base.files.map((f) => f.id)), kept = new Set(mine.files.map((f) => f.id))
  out.files = theirs.files.filter((f) => kept.has(f.id) || !had.has(f.id))
  for (const f of mine.files) if (!had.has(f.id) && !out.files.some((x) => x.id === f.id || f.sha256 && x.name === f.name && x.sha256 === f.sha256)) out.files.push(f)
  if (JSON.stringify(mine.sent) !== JSON.stringify(base.sent)) out.sent = mine.sent
  out.by = mine.by
  return out
}
