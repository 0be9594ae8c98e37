// What the page of an opening loads besides app.js: the holder's
// part. The passphrase and the personal key stay in this browser; what
// is posted is the holder's share, and only once the deadline has passed.
import { openIdentity, openShare } from './seal/index.js'
import { call } from './bid/server.js'
import { clear, complain } from './bid/element.js'

document.addEventListener('submit', async (e) => {
  const form = e.target.closest('[data-share]')
  if (!form) return
  e.preventDefault()
  clear(form)
  const input = form.querySelector('input[type=password]'), button = form.querySelector('button'), working = form.querySelector('[data-working]')
  if (!input.value) { complain(form, '请输入口令', [{ field: 'share_passphrase', message: '请输入您的密钥口令' }]); return }
  button.disabled = true
  working.hidden = false
  try {
    const part = JSON.parse(form.dataset.share)
    const { share } = await openShare(part.key, part.file, await openIdentity(part.personal, input.value))
    await call('POST', form.dataset.to, JSON.stringify({ share }), { 'Content-Type': 'application/json' })
    input.value = ''
    input.blur()
    location.reload()
  } catch (err) {
    complain(form, '还没有参加', err.status === undefined ? [{ field: 'share_passphrase', message: err.message }] : [{ message: err.status === 0 ? '连接中断，请重试' : err.message }])
  } finally {
    button.disabled = false
    working.hidden = true
  }
})
