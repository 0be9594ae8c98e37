import { digest } from '../seal/index.js'
import { call, sendAgain } from './server.js'
import { decrypt, encrypt } from './vault.js'
import { keep, kept, drop } from './local.js'

// The draft and its attachments are encrypted to those colleagues who had a
// key when they were saved; the draft says to whom, in `to`. Who made a key
// since cannot open them until somebody who can has locked them anew. Nobody
// need think of it: it happens when such a person next opens any page of the
// bid.

const lacks = (to, recipients) => recipients.some((r) => !to?.includes(r))

// locked are the attachments that none of one's own keys opens.
export const locked = (files, identities) => files.filter((f) => f.to && !identities.some((i) => f.to.includes(i.recipient)))

// ask says who must do what so that locked attachments open.
export const ask = (list) => `有 ${list.length} 个附件是在您的密钥建立以前加密的，您打不开，因此还不能由您提交：${list.map((f) => `“${f.name}”`).join('、')}。` +
  `请让${[...new Set(list.map((f) => f.by || '上传它的同事'))].join('、')}打开这份投标的任意一页并输入密钥口令，附件会自动改为您也能打开，然后刷新本页；也可以由其直接提交，或由您移除后重新选择。`

// fetched gives an attachment of the draft, decrypted: from this device where
// it was chosen here, else from the platform.
export async function fetched(f, identities) {
  let cipher = await kept('file:' + f.id)
  if (!cipher) cipher = await (await call('GET', '/attachments/' + f.id)).blob()
  let plain
  try { plain = await decrypt(identities, cipher) } catch { throw new Error(ask([f])) }
  if (plain.size !== f.size || await digest(plain) !== f.sha256) throw new Error(`“${f.name}”与选择时不一致，请移除后重新选择`)
  return plain
}

// share locks the draft and what hangs on it anew for colleagues who came
// since. What cannot be done now, for want of a connection or of a key, is
// left as it was.
export async function share(draft, desk, identities, say) {
  if (!draft.version) return
  const old = []
  const files = draft.now.files.filter((f) => lacks(f.to, desk.recipients) && !locked([f], identities).length)
  for (const [i, f] of files.entries()) {
    say(`有同事新建了密钥，正在把附件改为大家都能打开：${i + 1}/${files.length}……`)
    try {
      const cipher = await encrypt(desk.recipients, await fetched(f, identities))
      const data = new FormData()
      data.append('csrf', document.querySelector('input[name=csrf]')?.value ?? '')
      data.append('file', cipher, 'attachment.age')
      const { id } = await sendAgain(desk.attach, data, { tries: 1 })
      await keep('file:' + id, cipher)
      old.push(f.id)
      draft.now.files = draft.now.files.map((x) => x.id === f.id ? { ...f, id, to: desk.recipients } : x)
    } catch { /* it opens for whom it did */ }
  }
  if (!old.length && !lacks(draft.base.to, desk.recipients)) return
  draft.dirty = true
  try { await draft.save() } catch { return }
  for (const id of old) await forget(id)
}

// forget removes an attachment that the draft does not name any more.
export async function forget(id) {
  await drop('file:' + id)
  await call('POST', `/attachments/${id}/remove`, new URLSearchParams(), { 'Content-Type': 'application/x-www-form-urlencoded' }).catch(() => {})
}
