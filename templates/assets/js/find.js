const few = 10 // rows that are found at a glance

// find narrows a long list on the page to the rows that name what is typed, and
// keeps it in the address, so that a reload and the way back find it again.
// Rows of a form are hidden, never taken out: all of them are still sent.
// Without scripts the whole list is there.
export function find(box) {
  const input = box.querySelector('input'), says = box.querySelector('[role=status]')
  const rows = () => [...document.querySelectorAll(box.dataset.find)]
  const name = (row) => (row.querySelector('[data-name]') ?? row).textContent
  const narrow = () => {
    box.hidden = rows().length <= few
    const want = box.hidden ? '' : input.value.trim().toLowerCase()
    let n = 0
    for (const row of rows()) {
      row.hidden = want !== '' && !name(row).toLowerCase().includes(want)
      if (!row.hidden) n++
    }
    says.textContent = want === '' ? `共 ${n} 家` : n ? `找到 ${n} 家` : '没有找到，请换个名称或清空'
  }
  const keep = () => {
    const at = new URL(location.href)
    if (input.value.trim()) at.searchParams.set('q', input.value.trim())
    else at.searchParams.delete('q')
    history.replaceState(history.state, '', at)
  }
  input.value = new URL(location.href).searchParams.get('q') ?? ''
  narrow()
  input.addEventListener('input', () => { narrow(); keep() })
  // Enter would send the form around it.
  input.addEventListener('keydown', (e) => { if (e.key === 'Enter') e.preventDefault() })
  document.addEventListener('live:part', narrow)
}
