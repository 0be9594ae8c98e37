// money says an amount again, grouped and in 万元, so that a slipped zero is
// seen. The arithmetic is on digits: no amount is rounded.
export function money(input) {
  const echo = document.createElement('p')
  echo.className = 'hint money-echo'
  echo.setAttribute('aria-live', 'polite')
  const say = () => {
    const m = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(input.value.replace(/[,，\s]/g, ''))
    if (!m) { echo.textContent = ''; return }
    const whole = m[1].replace(/^0+(?=\d)/, '')
    let text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (m[2] ? '.' + m[2] : '') + ' 元'
    if (whole.length > 4) {
      const rest = (whole.slice(-4) + (m[2] ?? '')).replace(/0+$/, '')
      text += '，即 ' + whole.slice(0, -4).replace(/\B(?=(\d{3})+$)/g, ',') + (rest ? '.' + rest : '') + ' 万元'
    }
    echo.textContent = text
  }
  input.closest('.control').append(echo)
  input.addEventListener('input', say)
  say()
}

// count says how many characters are left of a field's maxlength.
export function count(note) {
  const field = document.getElementById(note.dataset.count)
  if (!field || field.maxLength < 1) return
  const say = () => {
    const left = field.maxLength - field.value.length
    note.textContent = `已写 ${field.value.length} 字，还可写 ${left} 字`
    note.classList.toggle('count-over', left <= 0)
  }
  field.addEventListener('input', say)
  say()
}

// showWhen hides a group until a choice is made: data-show-when="who=person".
export function showWhen(group) {
  const [name, want] = group.dataset.showWhen.split('=')
  const form = group.closest('form')
  if (!form) return
  const turn = () => {
    const now = new FormData(form).getAll(name)
    group.hidden = !want.split('|').some((w) => now.includes(w))
  }
  form.addEventListener('change', turn)
  turn()
}
