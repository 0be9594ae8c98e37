import { call } from './server.js'
import { openBid } from '../seal/index.js'
import { upper, yuan } from '../amount.js'
import { el, icon, notice, saveAs, size } from './element.js'

// own opens a version that was submitted, as only its bidder can: the sealed
// file comes back and is decrypted on this device.
export async function own(place, desk, identities) {
  const state = place.querySelector('[data-own-state]')
  const button = place.querySelector('[data-own-open]')
  const out = place.querySelector('[data-own-content]')
  place.hidden = false
  button.addEventListener('click', async () => {
    button.disabled = true
    const say = (text) => { state.textContent = text }
    try {
      say('正在下载密封文件……')
      const blob = await (await call('GET', desk.own)).blob()
      say('正在解密……')
      const { manifest, files } = await openedBy(blob, identities)
      draw(out, manifest, files, desk)
      say('已在这台设备上打开。关闭这一页后，明文不会留下。')
      button.hidden = true
      out.hidden = false
      out.querySelector('h2').focus()
    } catch (e) {
      say('')
      button.disabled = false
      state.replaceChildren(notice('danger', e.status === undefined ? e.message : e.status === 0 ? '连接中断，请重试。' : e.message))
    }
  })
}

async function openedBy(blob, identities) {
  let why
  for (const i of identities) try { return await openBid(blob, i) } catch (e) { why = e }
  throw why
}

function draw(out, m, files, desk) {
  const fact = (label, ...v) => el('div', { className: 'fact' }, el('dt', { textContent: label }), el('dd', { className: 'prose' }, ...v))
  const head = el('section', { className: 'card' }, el('h2', { textContent: '报价', tabIndex: -1 }), el('dl', { className: 'facts' },
    fact('投标报价', el('strong', { textContent: `${yuan(m.price)} ${desk.unit}` }), ...(desk.unit === '元' ? [el('p', { className: 'hint', textContent: upper(m.price) })] : [])),
    fact('服务期限和交付承诺', m.delivery)))
  const answers = m.answers.map((a) => el('section', { className: 'card' }, el('h2', { textContent: a.name }), el('p', { className: 'prose', textContent: a.text })))
  const list = el('ul', { className: 'files' })
  for (const [i, f] of m.files.entries()) {
    const b = el('button', { type: 'button', className: 'btn btn-sm', textContent: '下载', 'aria-label': `下载 ${f.name}` })
    b.onclick = () => saveAs(files[i].blob, f.name)
    list.append(el('li', { className: 'file' }, icon('file-text'), el('span', { className: 'file-body' }, f.name + ' ', el('span', { className: 'hint', textContent: size(f.size) })), b))
  }
  out.replaceChildren(head, ...answers, el('section', { className: 'card' }, el('h2', { textContent: '附件' }), m.files.length ? list : el('p', { className: 'hint', textContent: '没有附件。' })))
}
