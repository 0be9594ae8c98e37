import { put, textOf } from './merge.js'
import { el, complain, clear } from './element.js'
import { check } from './check.js'
import { parse, upper } from '../amount.js'

// form binds one page of the task list to the draft: what is typed goes there,
// what others typed comes from there.
export function form(place, draft, desk, rules) {
  const fields = [...place.querySelectorAll('input[name]:not([type=hidden]), textarea[name]')]
  const says = place.querySelector('[data-draft-state]')
  draft.onSay((text, bad) => {
    says.textContent = text
    says.classList.toggle('autosave-bad', !!bad)
  })
  const fill = () => {
    for (const f of fields) {
      const text = textOf(draft.now, f.name)
      if (f.value !== text) { f.value = text; f.dispatchEvent(new Event('input', { bubbles: false })) }
      aside(f, draft, fill)
    }
  }
  draft.onMerged = fill
  fill()
  for (const f of fields) f.addEventListener('input', () => {
    if (textOf(draft.now, f.name) === f.value) return
    put(draft.now, f.name, f.value)
    draft.changed()
  })
  const price = fields.find((f) => f.name === 'price')
  if (price && rules.ceiling?.kind !== 'unit') words(price)
  place.addEventListener('submit', async (e) => {
    e.preventDefault()
    clear(place)
    if (!await stored(place, draft)) return
    // What is left empty is not wrong yet: the task list and the check count it.
    const faults = check(rules, desk.supplier, draft.now).filter((x) => !x.missing && fields.some((f) => f.name === x.field))
    if (faults.length) { complain(place, '草稿已保存，但这一页还有内容需要修改', faults); return }
    location.assign(place.dataset.next)
  })
  for (const a of place.querySelectorAll('a[data-leave]')) a.addEventListener('click', async (e) => {
    e.preventDefault()
    if (await stored(place, draft)) location.assign(a.href)
  })
  document.addEventListener('visibilitychange', () => { if (document.hidden && draft.dirty) draft.save().catch(() => {}) })
  addEventListener('beforeunload', (e) => { if (draft.unsaved()) e.preventDefault() })
  place.querySelector('fieldset').disabled = false
  place.hidden = false
}

// stored waits until nothing is left to save: who types on while the page
// saves would otherwise be asked whether to lose it.
async function stored(place, draft) {
  try { do await draft.save(); while (draft.dirty); return true } catch (e) {
    complain(place, e.status === 410 ? '投标截止时间已过，这些改动没有提交，也不能再提交。' : e.status ? e.message : '连接中断，草稿还没有存到平台；内容已加密保存在这台设备上，连上网会自动再试。', [])
    return false
  }
}

// words reads the price back in capitals, so that a slipped zero is heard.
function words(input) {
  const echo = el('p', { className: 'hint money-upper', 'aria-live': 'polite' })
  input.closest('.control').append(echo)
  const say = () => {
    const { fen } = parse(input.value)
    echo.textContent = fen === undefined ? '' : upper(fen)
  }
  input.addEventListener('input', say)
  say()
}

// aside shows beside a field what another tab or a colleague had typed into it
// at the same time. Nobody's words go until a person says so.
function aside(field, draft, fill) {
  const id = `aside-${field.name}`
  document.getElementById(id)?.remove()
  const list = draft.now.aside.filter((a) => a.field === field.name)
  if (!list.length) return
  const box = el('div', { id, className: 'notice notice-warn aside', role: 'status' })
  for (const a of list) {
    const done = () => {
      draft.now.aside = draft.now.aside.filter((x) => x.id !== a.id)
      draft.changed()
      fill()
    }
    const take = el('button', { type: 'button', className: 'btn btn-sm', textContent: '改用这一段' })
    take.onclick = () => { put(draft.now, a.field, a.text); done() }
    const keep = el('button', { type: 'button', className: 'btn btn-sm btn-quiet', textContent: '保留我的' })
    keep.onclick = done
    box.append(el('div', {}, el('p', {}, el('strong', { textContent: `${a.by || '另一个窗口'}同时改了这一项：` })), el('p', { className: 'prose', textContent: a.text }), el('p', { className: 'form-go' }, take, keep)))
  }
  field.closest('.field').append(box)
}
