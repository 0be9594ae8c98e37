import { Fault } from '../fault.js'

const secretOf = (form, end) => form.querySelector(`[data-secret$="-${end}"]`)

// secret is what was typed into a form's input of a secret, which has no name
// and so is sent by no form.
export function secret(form, end) {
  const text = secretOf(form, end).value
  if (!text) throw new Fault('请输入口令', end)
  return text
}

function clear(form) {
  for (const e of form.querySelectorAll('.field-error')) e.remove()
  for (const e of form.querySelectorAll('.field-bad')) e.classList.remove('field-bad')
  for (const e of form.querySelectorAll('[aria-invalid]')) e.removeAttribute('aria-invalid')
}

function complain(form, message, end) {
  const input = secretOf(form, end ?? 'pass') ?? form.querySelector('[data-secret]')
  const field = input.closest('.field'), p = document.createElement('p')
  p.className = 'field-error'
  p.role = 'alert'
  p.id = `${input.id}-error`
  p.textContent = message
  field.classList.add('field-bad')
  field.querySelector('.control').before(p)
  input.setAttribute('aria-invalid', 'true')
  input.setAttribute('aria-errormessage', p.id)
  input.focus()
}

// work makes a form do something in this browser. run gives the values of the
// form's hidden fields, which are then sent; or nothing, and nothing is sent.
export function work(form, run) {
  const button = form.querySelector('button'), busy = form.querySelector('[data-busy]')
  button.disabled = false
  form.addEventListener('submit', async (e) => {
    if (e.defaultPrevented) return // another question was answered with no
    e.preventDefault()
    if (button.disabled) return
    clear(form)
    button.disabled = true
    busy.hidden = false
    try {
      const values = await run()
      for (const i of form.querySelectorAll('[data-secret]')) i.value = ''
      if (!values) return
      for (const [name, v] of Object.entries(values)) form.elements[name].value = v
      HTMLFormElement.prototype.submit.call(form)
    } catch (err) {
      complain(form, err instanceof Fault ? err.message : '没有完成，请刷新页面后重试', err.field === 'passphrase' ? undefined : err.field)
    } finally {
      button.disabled = false
      busy.hidden = true
    }
  })
}
