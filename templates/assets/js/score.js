const hundredths = (s) => {
  const m = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(s.replace(/,/g, '').trim())
  return m ? BigInt(m[1] + ((m[2] ?? '') + '00').slice(0, 2)) : null
}
const points = (n) => `${n / 100n}.${String(n % 100n).padStart(2, '0')}`

// score keeps the running total of a scoring sheet. The sum is a fraction of
// whole numbers, rounded down once, as the server does it; the server's is the
// one that counts.
export function score(form) {
  const lines = [...form.querySelectorAll('[data-score-line]')]
  const total = form.querySelector('[data-score-total]')
  const count = form.querySelector('[data-score-done]')

  // mark gives a line's points as [over, under], or null while it cannot be read.
  const mark = (line) => {
    const weight = BigInt(line.dataset.weight)
    const typed = line.querySelector('[data-points]').value
    const got = line.querySelector('[data-got]')?.value ?? ''
    const of = line.querySelector('[data-of]')?.value ?? ''
    if (!got && !of) {
      const p = hundredths(typed)
      return p === null || p > weight ? null : [p, 1n]
    }
    const g = hundredths(got), o = hundredths(of)
    return g === null || !o ? null : [weight * (g < o ? g : o), o]
  }
  const say = () => {
    let over = 0n, under = 1n, done = 0
    for (const line of lines) {
      const m = mark(line)
      const note = line.querySelector('[data-score-row]')
      const byRatio = line.querySelector('[data-of]')?.value
      note.textContent = m && byRatio ? `按比例 ${points(m[0] / m[1])} 分` : ''
      if (!m) continue
      over = over * m[1] + m[0] * under
      under *= m[1]
      done++
    }
    total.textContent = points(over / under)
    count.textContent = String(done)
  }
  form.addEventListener('input', say)
  say()
}
