import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

// base64 as Go's encoding/json writes []byte, and base64url without padding.
export function toBase64(bytes) {
  let s = ''
  for (let i = 0; i < bytes.length; i += 0x8000) s += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(s)
}
export const fromBase64 = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0))
export const toBase64url = (bytes) => toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
export const fromBase64url = (s) => fromBase64(s.replaceAll('-', '+').replaceAll('_', '/'))

// asBytes takes a Uint8Array, an ArrayBuffer or base64 text.
export function asBytes(v) {
  if (typeof v === 'string') return fromBase64(v)
  return v instanceof Uint8Array ? v : new Uint8Array(v)
}

// chunks reads a Blob or a stream piece by piece.
export async function* chunks(from) {
  const reader = (from instanceof Blob ? from.stream() : from).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    reader.releaseLock()
  }
}

// digest is the SHA-256, in hexadecimal, of a Blob, without holding it whole.
export async function digest(blob, each) {
  const h = sha256.create()
  for await (const c of chunks(blob)) {
    h.update(c)
    await each?.(c.length)
  }
  return bytesToHex(h.digest())
}

// collect writes a stream into a Blob in pieces of 8 MiB that the browser may
// keep on disk, and gives its SHA-256 too.
export async function collect(stream, each) {
  const h = sha256.create(), parts = []
  let held = [], size = 0
  for await (const c of chunks(stream)) {
    h.update(c)
    held.push(c)
    size += c.length
    if (size >= 8 << 20) {
      parts.push(new Blob(held))
      held = []
      size = 0
    }
    await each?.(c.length)
  }
  return { blob: new Blob([...parts, ...held], { type: 'application/octet-stream' }), sha256: bytesToHex(h.digest()) }
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

// code is n random characters, as id.Code in Go.
export function code(n) {
  return [...crypto.getRandomValues(new Uint8Array(n))].map((b) => alphabet[b & 31]).join('')
}

// hashWord is what is kept of a word.
export const hashWord = (word) => bytesToHex(sha256(new TextEncoder().encode(word.trim())))
