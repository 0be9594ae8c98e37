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
    const { weight: w, kind, steps, over, under } = line.dataset
    if (over) return [BigInt(over), BigInt(under)]
    const weight = BigInt(w)
    if (!over && line.querySelector('[data-score-fact]')) return null // the figure is not there yet
    const typed = (name) => line.querySelector(`[data-${name}]`)?.value ?? ''
    switch (kind) {
      case 'ratio': {
        const g = hundredths(typed('got')), o = hundredths(typed('of'))
        return g === null || !o ? null : [weight * (g < o ? g : o), o]
      }
      case 'interval': {
        const v = hundredths(typed('value'))
        if (v === null) return null
        let share = 0n
        for (const s of steps.split(' ')) {
          const [from, part] = s.split(':').map(BigInt)
          if (v >= from) share = part
        }
        return [weight * share, 10000n]
      }
      case 'yesno': return typed('answer') ? [typed('answer') === 'yes' ? weight : 0n, 1n] : null
    }
    const p = hundredths(typed('points'))
    return p === null || p > weight ? null : [p, 1n]
  }
  const say = () => {
    let over = 0n, under = 1n, done = 0, out = 0n
    for (const line of lines) {
      if ('out' in line.dataset) { out += BigInt(line.dataset.weight); done++; continue }
      const m = mark(line)
      const note = line.querySelector('[data-score-row]')
      if (note) note.textContent = m && line.dataset.kind !== 'qualitative' ? `得 ${points(m[0] / m[1])} 分` : ''
      if (!m) continue
      over = over * m[1] + m[0] * under
      under *= m[1]
      done++
    }
    total.textContent = points(out < 10000n ? over * 10000n / (under * (10000n - out)) : 0n)
    count.textContent = String(done)
  }
  form.addEventListener('input', say)
  say()
}
