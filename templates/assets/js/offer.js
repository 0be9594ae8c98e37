// What the page of last offers loads besides app.js. The price is sealed to the
// tender's key on this device; seal.ReadOffer in Go reads the same bytes. The
// holder's part is that of an opening.
import './opening.js'
import { parse } from './amount.js'
import { Fault, sealTo, yuan } from './seal/index.js'
import { call } from './bid/server.js'
import { clear, complain } from './bid/element.js'

const size = 4096

// plain is what is sealed: JSON and then spaces, always of one size.
function plain(form, price, delivery) {
  const o = { format: 'gongji-last-offer-1', tender: form.tender, supplier: form.supplier, round: form.round, price }
  if (delivery) o.delivery = delivery
  const head = new TextEncoder().encode(JSON.stringify(o))
  if (head.length > size) throw new Fault('对交付承诺的调整过长，请精简')
  const out = new Uint8Array(size).fill(32)
  out.set(head)
  return out
}

document.addEventListener('submit', async (e) => {
  const form = e.target.closest('[data-offer]')
  if (!form) return
  e.preventDefault()
  clear(form)
  const to = JSON.parse(form.dataset.offer)
  const input = form.querySelector('[name=last_price]'), delivery = form.querySelector('[name=last_delivery]').value.trim()
  const button = form.querySelector('button'), working = form.querySelector('[data-working]')
  const { fen, error } = parse(input.value)
  const why = error ?? (fen <= 0n ? '最后报价应大于 0 元' : to.limit && fen > BigInt(to.limit) ? `最后报价超过了最高限价 ${yuan(to.limit)} 元，超过的报价无效` : undefined)
  if (why) { complain(form, '请修改后再提交', [{ field: 'last_price', message: why }]); return }
  button.disabled = true
  working.hidden = false
  try {
    const sealed = await sealTo([to.recipient, ...to.own], plain(to, Number(fen), delivery))
    await call('POST', form.dataset.to, sealed, { 'Content-Type': 'application/octet-stream' })
    input.value = ''
    location.reload()
  } catch (err) {
    complain(form, '还没有提交', [{ message: err.status === 0 ? '连接中断，请重试' : err.message }])
    button.disabled = false
    working.hidden = true
  }
})
