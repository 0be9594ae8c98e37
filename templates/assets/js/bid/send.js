import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { parse, upper, yuan } from '../amount.js'
import { check, content } from './check.js'
import { ask, fetched, locked } from './share.js'
import { keep, kept, drop } from './local.js'
import { call, sendAgain } from './server.js'
import { packBid } from '../seal/index.js'
import { complain, clear, el, icon, notice, size } from './element.js'

// fingerprint tells two contents apart. It stays inside the draft: of a price
// that can be guessed even a hash says too much.
export const fingerprint = (c) => bytesToHex(sha256(utf8ToBytes(JSON.stringify(c))))

// pageOf is the page of the task list where a field is.
export const pageOf = (field) => ['price', 'delivery'].includes(field) ? '/offer' : field.startsWith('files') ? '/files' : '/answers'

const pending = (desk) => `sealed:${desk.bid}`

// send is the page that shows everything once more, seals and submits.
export async function send(place, draft, desk, rules, identities) {
  const at = `/bids/${desk.bid}`
  const faults = check(rules, desk.supplier, draft.now)
  const form = place.querySelector('form')
  const state = place.querySelector('[data-send-state]')
  const c = content(rules, desk.supplier, draft.now)
  const mark = fingerprint(c)
  const waits = await kept(pending(desk))
  const same = waits && waits.content === mark && waits.recipient === rules.recipient
  if (waits && !same && !faults.length) await drop(pending(desk))
  // From here to the listener nothing is waited for: a button that can be seen
  // must do what it says.
  draw(place, draft.now, desk, rules, at)
  place.hidden = false
  if (faults.length) {
    complain(place, `还有 ${faults.length} 处没有填好，不能密封`, faults.map((f) => ({ ...f, href: at + pageOf(f.field) + '#f-' + f.field })))
    form.hidden = true
    return
  }
  if (desk.submitted && draft.now.sent?.version === desk.version && draft.now.sent.content === mark) {
    form.before(notice('info', `现在的内容就是已提交的第 ${desk.version} 版，不需要再提交。`))
    form.hidden = true
    return
  }
  const closed = same ? [] : locked(draft.now.files, identities)
  if (closed.length) {
    form.before(notice('warn', ask(closed)))
    form.hidden = true
    return
  }
  if (same) state.replaceChildren(notice('warn', `这台设备上有一份 ${waits.at} 已密封、尚未送达平台的投标文件，内容与上面一致。点“密封并提交”继续送出这一份。`))

  form.addEventListener('submit', async (e) => {
    e.preventDefault()
    clear(place)
    const button = form.querySelector('button')
    if (button.disabled) return
    button.disabled = true
    leaving = false
    try {
      await submit(draft, desk, rules, identities, c, mark, steps(state))
      leaving = true
      location.assign(`${at}/receipt`)
    } catch (err) {
      button.disabled = false
      button.replaceChildren(icon('send'), '重新送出')
      refused(place, state, err)
    }
  })
  let leaving = true
  addEventListener('beforeunload', (e) => { if (!leaving && form.querySelector('button').disabled) e.preventDefault() })
}

// steps says how far the work is, in words and as a bar.
function steps(state) {
  const words = el('p', { className: 'send-words' })
  const bar = el('progress', { max: 100, value: 0, 'aria-label': '密封和提交的进度' })
  state.replaceChildren(el('div', { className: 'send-progress' }, words, bar))
  return (text, share) => {
    if (words.textContent !== text) words.textContent = text
    if (share === undefined) bar.removeAttribute('value')
    else bar.value = 100 * share
  }
}

function refused(place, state, err) {
  state.replaceChildren()
  if (err.status === 410) {
    complain(place, '投标截止时间已过，平台没有接收这份投标', [])
    state.replaceChildren(notice('danger', `${err.message}。上传在截止以后才结束的，按迟到处理。您填写的内容和密封好的文件仍保存在这台设备上，没有丢失；以前已提交的版本不受影响。`))
    return
  }
  complain(place, err.status === 0 ? '连接中断，投标还没有送达平台' : '投标没有提交成功', err.status === 0 ? [] : [{ message: err.message }])
  if (err.status === 0) state.replaceChildren(notice('warn', '密封好的文件已保存在这台设备上，连上网后点“重新送出”即可，不用重新填写，也不用重新密封。请在截止时间以前完成。'))
}

async function submit(draft, desk, rules, identities, c, mark, say) {
  let box = await kept(pending(desk))
  if (!box || box.content !== mark || box.recipient !== rules.recipient) {
    const parts = []
    for (const [i, f] of draft.now.files.entries()) {
      say(`正在取出附件 ${i + 1}/${draft.now.files.length}：${f.name}`, 0.1 * i / draft.now.files.length)
      parts.push(await fetched(f, identities))
    }
    const names = draft.now.files.map((f, i) => ({ name: f.name, blob: parts[i] }))
    const made = await packBid(rules, c, names, desk.recipients, { onProgress: ({ step, done, total }) =>
      say(step === 'hash' ? '正在计算附件的校验值……' : '正在这台设备上密封……', step === 'hash' ? 0.1 + 0.1 * done / total : 0.2 + 0.2 * done / total) })
    box = { blob: made.blob, sha256: made.sha256, content: mark, recipient: rules.recipient, at: new Date().toTimeString().slice(0, 5) }
    await keep(pending(desk), box)
  }
  const answer = await sendAgain(desk.sealed, box.blob, { headers: { 'Content-Type': 'application/octet-stream' },
    progress: (a, b) => say(a < b ? `正在上传 ${size(a)} / ${size(b)}` : '已传完，等待平台出具回执……', 0.4 + 0.6 * a / b),
    waiting: (s) => say(`连接中断，${s} 秒后自动重试；密封好的文件已保存在这台设备上`) })
  if (answer.sha256 !== box.sha256) throw new Error('平台收到的文件与这台设备密封的不一致，请重新送出；如再次出现，请联系平台')
  await drop(pending(desk))
  draft.now.sent = { version: answer.version, content: mark }
  draft.dirty = true
  await draft.save().catch(() => {}) // the receipt is what counts
}

function draw(place, d, desk, rules, at) {
  const list = place.querySelector('[data-send-answers]')
  const row = (label, href, ...values) => el('div', { className: 'answer' }, el('dt', { textContent: label }), el('dd', {}, ...values),
    el('dd', { className: 'answer-change no-print' }, el('a', { href }, '修改', el('span', { className: 'visually-hidden', textContent: label }))))
  const text = (s) => s.trim() ? el('span', { className: 'prose', textContent: s }) : el('span', { className: 'hint', textContent: '未填写' })
  const { fen } = parse(d.price)
  const price = fen === undefined ? [text(d.price)] : [el('strong', { textContent: `${yuan(fen)} ${desk.unit}` }), ...(desk.unit === '元' ? [el('br'), upper(fen)] : [])]
  list.replaceChildren(row('报价', `${at}/offer#f-price`, ...price), row('交付承诺', `${at}/offer#f-delivery`, text(d.delivery)),
    ...rules.questions.map((q) => row(`${q.name}（${q.weight / 100} 分）`, `${at}/answers#f-answers.${q.key}`, text(d.answers[q.key] ?? ''))))
  const files = place.querySelector('[data-send-files]')
  files.replaceChildren(...d.files.map((f) => el('li', { className: 'file' }, icon('file-text'), el('span', { className: 'file-body' }, f.name + ' ', el('span', { className: 'hint', textContent: size(f.size) })))))
  place.querySelector('[data-send-none]').hidden = d.files.length > 0
}
