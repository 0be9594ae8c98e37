// A key holder's half of a tender's key; seal.Key in Go is what key is here:
// {tender, recipient, commitment: [base64], threshold, generation, shares}.
//
//   openShare(key, file, identity) → {index, share, word, generation}
//     opens a holder's file (bytes or base64) and checks it against key
//   checkShare(key, text)          → index, or throws a Fault
import { ristretto255 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { openSealed } from './age.js'
import { asBytes, fromBase64, fromBase64url, toBase64url } from './bytes.js'
import { Fault } from './fault.js'

export const Point = ristretto255.Point
export const Fn = Point.Fn
export const shareFormat = 'gongji-share-1'

const ascii = new TextEncoder()
const sumOf = (index, scalar) => sha256(new Uint8Array([...ascii.encode(`${shareFormat}-${index}-`), ...scalar])).slice(0, 4)

export function shareText(index, value) {
  const b = Fn.toBytes(value)
  return `${shareFormat}-${index}-${toBase64url(new Uint8Array([...b, ...sumOf(index, b)]))}`
}

function parseShare(text) {
  const m = /^gongji-share-1-([1-9][0-9]?)-([A-Za-z0-9_-]{48})$/.exec(text.trim())
  if (!m) throw new Fault('密钥份额不完整或抄写有误，请完整复制份额')
  const index = Number(m[1]), b = fromBase64url(m[2])
  const scalar = b.slice(0, 32), sum = sumOf(index, scalar)
  if (!sum.every((x, i) => x === b[32 + i])) throw new Fault('密钥份额不完整或抄写有误，请完整复制份额')
  return { index, value: Fn.fromBytes(scalar) }
}

// Zero is a scalar too; noble's constant-time multiplication refuses it.
export const times = (p, n) => n === 0n ? Point.ZERO : p.multiply(n)

// points reads a commitment, a point a coefficient.
export const points = (commitment) => commitment.map((b) => Point.fromBytes(fromBase64(b)))

// at is the point a commitment has for an index: that share times the base.
export const at = (coefficients, index) => coefficients.reduceRight((sum, p) => times(sum, BigInt(index)).add(p), Point.ZERO)

export const verify = (commitment, index, value) => times(Point.BASE, value).equals(at(points(commitment), index))

export function readShare(key, text) {
  const s = parseShare(text)
  if (!verify(key.commitment, s.index, s.value)) {
    throw new Fault('这份密钥份额与本项目现在的密钥不符：可能是其他项目的份额，或更换保管人之前的旧份额')
  }
  return s
}

export const checkShare = (key, text) => readShare(key, text).index

export async function openJSON(file, identity) {
  return JSON.parse(await (await openSealed(asBytes(file), identity)).text())
}

export async function openShare(key, file, identity) {
  const f = await openJSON(file, identity)
  if (f.format !== shareFormat) throw new Fault('这不是密钥份额文件')
  if (f.tender !== key.tender) throw new Fault('这份密钥份额是其他项目的，请选择本项目的份额')
  const index = checkShare(key, f.share)
  return { index, share: f.share, word: f.word, generation: f.generation }
}
