import { checkBid } from '../seal/index.js'
import { parse } from '../amount.js'

// check is everything that stands in the way of sealing a draft, by field;
// missing marks what is only not there yet. rules is the tender's public form.
export function check(rules, supplier, d) {
  const typed = d.price.trim(), { error } = parse(typed)
  const empty = { delivery: !d.delivery.trim(), ...Object.fromEntries(rules.questions.map((q) => ['answers.' + q.key, !(d.answers[q.key] ?? '').trim()])), price: !typed }
  return checkBid(rules, content(rules, supplier, d)).map((f) => ({ ...f, missing: !!empty[f.field],
    message: f.field === 'price' && typed && error ? error : f.message }))
}

// content is the bid that a draft amounts to; a price that cannot be read is 0.
export function content(rules, supplier, d) {
  return {
    tender: rules.tender, supplier, price: Number(parse(d.price).fen ?? 0n), delivery: d.delivery.trim(),
    answers: rules.questions.map((q) => ({ criterion: q.key, name: q.name, text: (d.answers[q.key] ?? '').trim().replaceAll('\r\n', '\n') })),
    files: d.files.map((f) => ({ name: f.name, size: f.size, sha256: f.sha256 })),
  }
}
