// Dealing a tender's key anew when holders change; see seal.Key in Go. A
// threshold of old holders each call subshare, for the same new holders in the
// same order; the server makes the next key (seal.Key.Next) and gives each new
// holder all contributions; they call combine and send what it returns.
//
//   subshare(key, shareText, threshold, holders) → contribution
//     holders: [{account, recipient}]; contribution: {from, commitment, files}
//   combine(key, next, index, contributions, identity) → {index, file, word_hash}
//     index: the new holder's own, from 1; file in base64
import { Fn, Point, openJSON, points, readShare, shareFormat, shareText, times, at } from './share.js'
import { sealTo } from './age.js'
import { code, fromBase64url, hashWord, toBase64, toBase64url } from './bytes.js'
import { Fault } from './fault.js'

const format = 'gongji-subshare-1'

// 64 random bytes reduced: no bias that matters.
function randomScalar() {
  return Fn.create(BigInt('0x' + [...crypto.getRandomValues(new Uint8Array(64))].map((b) => b.toString(16).padStart(2, '0')).join('')))
}

const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer())
const sealJSON = async (recipient, v) => toBase64(await bytesOf(await sealTo([recipient], new TextEncoder().encode(JSON.stringify(v)))))

export async function subshare(key, text, threshold, holders) {
  const old = readShare(key, text)
  const coefficients = [old.value]
  while (coefficients.length < threshold) coefficients.push(randomScalar())
  const valueAt = (x) => coefficients.reduceRight((sum, c) => Fn.add(Fn.mul(sum, x), c), 0n)
  const files = []
  for (const [i, h] of holders.entries()) {
    files.push(await sealJSON(h.recipient, { format, tender: key.tender, generation: key.generation + 1,
      from: old.index, to: i + 1, value: toBase64url(Fn.toBytes(valueAt(BigInt(i + 1)))) }))
  }
  return { from: old.index, commitment: coefficients.map((c) => toBase64(times(Point.BASE, c).toBytes())), files }
}

// weight is Lagrange's at zero for x among all.
function weight(x, all) {
  let n = 1n, d = 1n
  for (const y of all) {
    if (y === x) continue
    n = Fn.mul(n, y)
    d = Fn.mul(d, Fn.sub(y, x))
  }
  return Fn.mul(n, Fn.inv(d))
}

export async function combine(key, next, index, contributions, identity) {
  if (contributions.length !== key.threshold) throw new Fault(`更换保管人需要 ${key.threshold} 名原保管人各交一份，现在是 ${contributions.length} 份`)
  const from = contributions.map((c) => BigInt(c.from))
  let value = 0n
  for (const c of contributions) {
    const f = await openJSON(c.files[index - 1], identity)
    const part = Fn.fromBytes(fromBase64url(f.value))
    const mine = f.format === format && f.tender === key.tender && f.generation === next.generation && f.from === c.from && f.to === index
    const known = points(c.commitment)
    // The split must be of the share that the old key commits its holder to.
    const genuine = known[0].equals(at(points(key.commitment), c.from)) && times(Point.BASE, part).equals(at(known, index))
    if (!mine || !genuine) throw new Fault(`第 ${c.from} 号原保管人交来的换人份额不对，请其重做`)
    value = Fn.add(value, Fn.mul(weight(BigInt(c.from), from), part))
  }
  const share = shareText(index, value), word = code(26)
  readShare(next, share)
  const file = await sealJSON(next.shares[index - 1].holder.recipient,
    { format: shareFormat, tender: key.tender, generation: next.generation, index, share, word })
  return { index, file, word_hash: hashWord(word) }
}
