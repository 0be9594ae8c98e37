// A person's own key pair; app/party/identity has the same in Go.
//
//   checkPassphrase(text)            → '' or a complaint
//   makeIdentity(passphrase, factor) → {recipient, file}: send both to the server
//   openIdentity(file, passphrase)   → {recipient, secret}: keep in memory only
//   lockIdentity(identity, passphrase, factor) → {recipient, file}: the same key
//     under another passphrase
//
// The three last take about a second of the page's time; say so before calling.
import { Encrypter, Decrypter, armor, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { Fault } from './fault.js'

export const leastPassphrase = 12
const normal = (s) => s.normalize('NFKC').trim()

export function checkPassphrase(text) {
  const n = [...normal(text)].length
  return n < leastPassphrase ? `口令至少 ${leastPassphrase} 个字符，现在是 ${n} 个；可以用几个不相关的词连成一句` : ''
}

function passphrase(text) {
  const complaint = checkPassphrase(text)
  if (complaint) throw new Fault(complaint, 'passphrase')
  return normal(text)
}

// factor is scrypt's log2 N: 16, lower only in tests and the demonstration.
export async function makeIdentity(text, factor = 16) {
  return lockIdentity({ secret: await generateX25519Identity() }, text, factor)
}

export async function lockIdentity({ secret }, text, factor = 16) {
  const e = new Encrypter()
  e.setPassphrase(passphrase(text))
  e.setScryptWorkFactor(factor)
  await painted()
  return { recipient: await identityToRecipient(secret), file: armor.encode(await e.encrypt(secret + '\n')) }
}

export async function openIdentity(file, text) {
  const d = new Decrypter()
  d.addPassphrase(passphrase(text))
  let bytes
  try {
    bytes = armor.decode(file)
  } catch {
    throw new Fault('个人密钥文件已损坏，请使用下载时的原文件，不要用文字软件编辑', 'file')
  }
  await painted()
  try {
    const secret = (await d.decrypt(bytes, 'text')).trim()
    return { recipient: await identityToRecipient(secret), secret }
  } catch {
    throw new Fault('口令不对，请重新输入；注意大小写', 'passphrase')
  }
}

// painted lets the page show that it is busy before scrypt takes its thread.
const painted = () => new Promise((done) => setTimeout(done, 30))
