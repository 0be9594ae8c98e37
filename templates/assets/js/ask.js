// ask puts a question before a form, or one of its buttons, sends.
export function ask(el) {
  const form = el.tagName === 'FORM' ? el : el.form
  if (!form) return
  form.addEventListener('submit', (e) => {
    if (el !== form && e.submitter !== el) return
    if (form.dataset.asked) { delete form.dataset.asked; return }
    e.preventDefault()
    const submitter = e.submitter
    const d = document.createElement('dialog')
    d.className = 'ask'
    const p = document.createElement('p')
    p.id = 'ask-text'
    p.textContent = el.dataset.confirm
    d.setAttribute('aria-labelledby', 'ask-text')
    const go = document.createElement('div')
    go.className = 'ask-go'
    const button = (text, cls, act) => {
      const b = document.createElement('button')
      b.type = 'button'
      b.className = 'btn ' + cls
      b.textContent = text
      b.onclick = () => { d.close(); act?.() }
      go.append(b)
      return b
    }
    button('再想想', 'btn-quiet').autofocus = true
    button(submitter?.textContent.trim() || '确定', submitter?.classList.contains('btn-danger') ? 'btn-danger' : 'btn-primary', () => {
      form.dataset.asked = '1'
      form.requestSubmit(submitter)
    })
    d.append(p, go)
    d.addEventListener('close', () => { d.remove(); submitter?.focus() })
    document.body.append(d)
    d.showModal()
  })
}
