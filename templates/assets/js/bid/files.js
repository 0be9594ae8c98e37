import { checkBid, digest } from '../seal/index.js'
import { call, sendAgain } from './server.js'
import { encrypt } from './vault.js'
import { keep } from './local.js'
import { ask, fetched, forget, locked } from './share.js'
import { el, icon, size, saveAs, complain, clear, notice } from './element.js'

const starts = (bytes, text) => [...text].every((c, i) => bytes[i] === c.charCodeAt(0))
const zip = (b) => starts(b, 'PK\x03\x04') || starts(b, 'PK\x05\x06')
const kinds = {
  pdf: (b) => starts(b, '%PDF-'), png: (b) => starts(b, '\x89PNG'), jpg: (b) => starts(b, '\xff\xd8\xff'), jpeg: (b) => starts(b, '\xff\xd8\xff'),
  docx: zip, xlsx: zip, zip,
}

// wrong says why a file cannot go into a bid, or ''. The panel must be able to
// open what it is given, and nobody can look at it before the opening.
export async function wrong(file, others) {
  const ext = /\.([^.]+)$/.exec(file.name)?.[1].toLowerCase()
  if (!kinds[ext]) return `“${file.name}”的格式不受支持，请选择 PDF、PNG、JPG、DOCX、XLSX 或 ZIP`
  const list = [...others, file]
  const why = checkBid({}, { files: list }).find((f) => f.field === 'files' || f.field === `files.${list.length}`)
  if (why) return why.message
  const head = new Uint8Array(await file.slice(0, 16).arrayBuffer())
  return kinds[ext](head) ? '' : `“${file.name}”的内容不是 ${ext} 文件，请用原软件另存后再选择`
}

// files is the page of attachments. Each file is encrypted on this device and
// sent alone, as soon as it is chosen, under a name that says nothing.
export function files(place, draft, desk, identities) {
  const list = place.querySelector('[data-bid-files]')
  const input = place.querySelector('input[type=file]')
  const says = place.querySelector('[data-draft-state]')
  const busy = new Set()
  draft.onSay((text, bad) => { says.textContent = text; says.classList.toggle('autosave-bad', !!bad) })

  function draw() {
    list.querySelectorAll('[data-kept]').forEach((e) => e.remove())
    const first = list.firstChild
    for (const f of draft.now.files) list.insertBefore(keptRow(f), first)
    place.querySelector('[data-bid-none]').hidden = list.children.length > 0
  }

  function keptRow(f) {
    const open = el('button', { type: 'button', className: 'btn btn-sm', textContent: '打开', 'aria-label': `打开 ${f.name}` })
    const remove = el('button', { type: 'button', className: 'btn btn-sm', textContent: '移除', 'aria-label': `移除 ${f.name}` })
    const note = el('span', { className: 'hint', textContent: `${size(f.size)}，已上传` })
    const row = el('li', { className: 'file' }, icon('file-text'), el('span', { className: 'file-body' }, f.name + ' ', note), open, remove)
    row.dataset.kept = f.id
    open.onclick = async () => {
      note.textContent = '正在打开……'
      try { saveAs(await fetched(f, identities), f.name); note.textContent = `${size(f.size)}，已上传` } catch (e) { note.className = 'file-bad'; note.textContent = e.message }
    }
    remove.onclick = async () => {
      draft.now.files = draft.now.files.filter((x) => x.id !== f.id)
      draft.changed()
      draw()
      input.focus()
      try {
        await draft.save()
        await forget(f.id)
      } catch { /* the draft does not name it any more; that is what counts */ }
    }
    return row
  }

  function row(file) {
    const note = el('span', { className: 'hint', textContent: size(file.size) })
    const bar = el('progress', { max: 100, value: 0, 'aria-label': `上传 ${file.name}` })
    const go = el('span', { className: 'file-go' })
    const li = el('li', { className: 'file' }, icon('file-text'), el('span', { className: 'file-body' }, file.name + ' ', note, bar), go)
    list.append(li)
    place.querySelector('[data-bid-none]').hidden = true
    run(file, li, note, bar, go)
  }

  async function run(file, li, note, bar, go) {
    const abort = new AbortController()
    const button = (text, act) => { const b = el('button', { type: 'button', className: 'btn btn-sm', textContent: text, 'aria-label': `${text} ${file.name}` }); b.onclick = act; return b }
    const gone = () => { busy.delete(li); abort.abort(); li.remove(); place.querySelector('[data-bid-none]').hidden = list.children.length > 0 }
    go.replaceChildren(button('取消', gone))
    note.className = 'hint'
    bar.hidden = false
    busy.add(li)
    try {
      const why = await wrong(file, draft.now.files)
      if (why) throw Object.assign(new Error(why), { final: true })
      note.textContent = '正在加密……'
      const [sum, cipher] = [await digest(file), await encrypt(desk.recipients, file)]
      const data = new FormData()
      data.append('csrf', document.querySelector('input[name=csrf]')?.value ?? '')
      data.append('file', cipher, 'attachment.age')
      const answer = await sendAgain(desk.attach, data, { signal: abort.signal,
        progress: (a, b) => { bar.value = 100 * a / b; note.textContent = `${size(a)} / ${size(b)}` },
        waiting: (s) => { note.textContent = `连接中断，${s} 秒后重试` } })
      if (!li.isConnected) { // taken back while the answer was on its way
        await call('POST', `/attachments/${answer.id}/remove`, new URLSearchParams(), { 'Content-Type': 'application/x-www-form-urlencoded' }).catch(() => {})
        return
      }
      await keep('file:' + answer.id, cipher)
      draft.now.files.push({ id: answer.id, name: file.name, size: file.size, sha256: sum, by: desk.name, to: desk.recipients })
      draft.changed()
      li.remove()
      draw()
      await draft.save().catch(() => {})
    } catch (e) {
      if (e.status === -1) return
      bar.hidden = true
      note.className = 'file-bad'
      note.textContent = e.status === 0 ? '连接中断，文件没有上传' : e.message
      go.replaceChildren(...(e.final ? [] : [button('重试', () => run(file, li, note, bar, go))]), button('移除', gone))
    } finally { busy.delete(li) }
  }

  function take(chosen) { for (const f of chosen) row(f) }
  input.addEventListener('change', () => {
    const chosen = [...input.files]
    input.value = ''
    take(chosen)
  })
  const box = input.closest('.upload')
  for (const name of ['dragover', 'drop', 'dragleave']) box.addEventListener(name, (e) => {
    e.preventDefault()
    box.classList.toggle('upload-over', name === 'dragover')
    if (name === 'drop') take([...e.dataTransfer.files])
  })

  // Going on waits for what is still on its way; nothing chosen is dropped.
  place.addEventListener('submit', async (e) => {
    e.preventDefault()
    clear(place)
    says.textContent = busy.size ? '还有文件正在上传，传完后自动继续……' : '正在保存……'
    while (busy.size) await new Promise((ok) => setTimeout(ok, 100))
    const bad = list.querySelectorAll('.file-bad').length
    try { await draft.save() } catch (err) { complain(place, err.status ? err.message : '连接中断，草稿还没有存到平台，请稍后再试。', []); return }
    if (bad) { complain(place, `有 ${bad} 个文件没有上传，请重试或移除后再继续`, []); return }
    location.assign(place.dataset.next)
  })
  addEventListener('beforeunload', (e) => { if (busy.size || draft.unsaved()) e.preventDefault() })
  draft.onMerged = draw
  draw()
  const mine = locked(draft.now.files, identities)
  if (mine.length) place.before(notice('warn', ask(mine)))
  place.querySelector('fieldset').disabled = false
  place.hidden = false
}
