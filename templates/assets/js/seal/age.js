// Encrypting to recipients and opening with one's own identity.
//
//   sealTo(recipients, blobOrBytes)  → Blob: a binary age file (drafts, their files)
//   openSealed(blobOrBytes, identity) → Blob
import { Encrypter, Decrypter } from 'age-encryption'
import { Fault } from './fault.js'
import { collect } from './bytes.js'

export function encrypter(recipients) {
  const e = new Encrypter()
  for (const r of new Set(recipients)) {
    try {
      e.addRecipient(r)
    } catch {
      throw new Fault(`公钥“${r}”格式不对：应以 age1 开头，共 62 个字符`)
    }
  }
  return e
}

const streamOf = (v) => (v instanceof Blob ? v : new Blob([v])).stream()

export async function sealTo(recipients, data) {
  const out = await encrypter(recipients).encrypt(streamOf(data))
  return (await collect(out)).blob
}

// plaintext is the stream inside an age file. What fails while it is read
// fails with age's own error; see unreadable.
export async function plaintext(data, identity) {
  const d = new Decrypter()
  d.addIdentity(identity.secret)
  try {
    return await d.decrypt(streamOf(data))
  } catch (e) {
    throw unreadable(e)
  }
}

export function unreadable(e) {
  if (e instanceof Fault) return e
  if (/no identity matched/.test(e?.message)) return new Fault('这份文件不是给您的个人密钥的，请换用加密时的那把个人密钥')
  return new Fault('加密文件不完整或已被改动，无法解密')
}

export async function openSealed(data, identity) {
  try {
    return (await collect(await plaintext(data, identity))).blob
  } catch (e) {
    throw unreadable(e)
  }
}
