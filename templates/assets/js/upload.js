function size(n) {
  if (n < 1024) return `${n} 字节`
  const units = ['KB', 'MB', 'GB']
  let i = -1
  do { n /= 1024; i++ } while (n >= 1024 && i < units.length - 1)
  return `${n.toFixed(1).replace(/\.0$/, '')} ${units[i]}`
}

function el(tag, props, ...children) {
  const e = Object.assign(document.createElement(tag), props)
  e.append(...children)
  return e
}

// What is on its way, by form: a form pressed meanwhile waits, so that no file
// is lost to a quick hand; a file that fails keeps the form open.
const sending = new WeakMap()

function hold(form) {
  if (sending.has(form)) return sending.get(form)
  const on = { files: new Set(), pressed: null }
  sending.set(form, on)
  form.addEventListener('submit', (e) => {
    if (on.files.size === 0) return
    e.preventDefault()
    e.stopImmediatePropagation()
    on.pressed = e.submitter ?? true
    form.dataset.waits = 'yes'
    on.files.forEach((f) => { f.note.textContent += '，传完后自动继续' })
  }, true)
  return on
}

function settle(form, file, arrived) {
  const on = sending.get(form)
  if (!on?.files.delete(file)) return
  const by = on.pressed
  if (!by || (arrived && on.files.size > 0)) return
  on.pressed = null
  delete form.dataset.waits
  if (arrived) form.requestSubmit(by === true ? undefined : by)
}

// upload sends each chosen file alone, as soon as it is chosen, so that a
// broken connection costs one file and nothing typed. The form then carries
// the ids the server gave.
export function upload(box) {
  const input = box.querySelector('input[type=file]')
  const list = box.querySelector('[data-upload-list]')
  const max = Number(box.dataset.max) || 100 * 1024 * 1024
  const form = box.closest('form')

  function row(file) {
    const li = el('li', { className: 'file' })
    const body = el('span', { className: 'file-body' }, file.name + ' ')
    const note = el('span', { className: 'hint', textContent: size(file.size) })
    const bar = el('progress', { max: 100, value: 0 })
    bar.setAttribute('aria-label', `上传 ${file.name}`)
    body.append(note, bar)
    li.append(body)
    list.append(li)
    send(file, li, body, note, bar)
  }

  function send(file, li, body, note, bar) {
    li.querySelectorAll('button').forEach((b) => b.remove())
    const remove = el('button', { type: 'button', className: 'btn btn-sm', textContent: '取消' })
    remove.setAttribute('aria-label', `取消 ${file.name}`)
    const dismiss = () => {
      remove.textContent = '移除'
      remove.setAttribute('aria-label', `移除 ${file.name}`)
    }
    const way = { note }
    const fail = (text) => {
      if (form) settle(form, way, false)
      bar.hidden = true
      note.className = 'file-bad'
      note.textContent = text
      dismiss()
      const again = el('button', { type: 'button', className: 'btn btn-sm', textContent: '重试' })
      again.setAttribute('aria-label', `重试 ${file.name}`)
      again.onclick = () => { note.className = 'hint'; bar.hidden = false; bar.value = 0; send(file, li, body, note, bar) }
      li.insertBefore(again, remove)
    }
    li.append(remove)
    if (file.size === 0 || file.size > max) {
      remove.onclick = () => li.remove()
      fail(file.size === 0 ? '文件是空的，请检查后重新选择' : `文件 ${size(file.size)}，超过 ${size(max)}，请压缩或拆分`)
      li.querySelector('button:not(:last-child)')?.remove()
      return
    }
    const data = new FormData()
    data.append('csrf', form?.querySelector('input[name=csrf]')?.value ?? '')
    data.append('file', file)
    const x = new XMLHttpRequest()
    x.open('POST', box.dataset.upload)
    x.setRequestHeader('Accept', 'application/json, application/problem+json')
    x.upload.onprogress = (e) => {
      if (!e.lengthComputable) return
      bar.value = 100 * e.loaded / e.total
      note.textContent = `${size(e.loaded)} / ${size(e.total)}`
    }
    remove.onclick = () => { x.abort(); li.remove(); if (form) settle(form, way, true) }
    x.onerror = () => fail('连接中断，文件未上传')
    x.onload = () => {
      let answer = {}
      try { answer = JSON.parse(x.responseText) } catch { /* the status speaks */ }
      if (x.status < 200 || x.status > 299 || !answer.id) {
        fail(answer.errors?.[0]?.message || answer.detail || answer.title || (x.status === 413 ? '文件太大' : '上传失败，请重试'))
        return
      }
      bar.remove()
      note.textContent = `${size(answer.size ?? file.size)} 已上传`
      body.append(el('input', { type: 'hidden', name: `${box.dataset.name}_id`, value: answer.id }))
      // Outlives the row: a file that was shown and is no longer kept was removed.
      box.append(el('input', { type: 'hidden', name: `${box.dataset.name}_shown`, value: answer.id }))
      dismiss()
      input.dispatchEvent(new Event('input', { bubbles: true }))
      if (form) settle(form, way, true)
    }
    if (form) hold(form).files.add(way)
    x.send(data)
  }

  function take(files) {
    if (!input.multiple) list.replaceChildren()
    for (const f of input.multiple ? files : [...files].slice(0, 1)) row(f)
  }
  input.addEventListener('change', () => {
    const files = [...input.files]
    input.value = '' // so that the form does not send them again
    take(files)
  })
  for (const name of ['dragover', 'drop', 'dragleave']) box.addEventListener(name, (e) => {
    e.preventDefault()
    box.classList.toggle('upload-over', name === 'dragover')
    if (name === 'drop') take([...e.dataTransfer.files])
  })
}
