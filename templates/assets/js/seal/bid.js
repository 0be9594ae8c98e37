// Sealing a bid before anything leaves the device, and opening one's own copy;
// seal.Pack and seal.Read in Go read and write the same bytes.
//
//   packBid(form, bid, files, own, {onProgress}) → {blob, sha256, manifest}
//     form:  what GET /tenders/{id}/bid-form.json gave
//     bid:   {supplier, price (分), delivery, answers: [{criterion, text}]}
//     files: [File] or [{name, blob}]
//     own:   recipients who may open the bidder's copy (colleagues, oneself)
//     onProgress({step: 'hash'|'encrypt', done, total}) in bytes
//     throws Complaints with .fields when checkBid has any
//   openBid(blob, identity) → {manifest, files: [{name, size, sha256, blob}]}
import { createTarPacker, createTarDecoder } from 'modern-tar'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { encrypter, plaintext, unreadable } from './age.js'
import { chunks, collect, digest } from './bytes.js'
import { checkBid, limits } from './check.js'
import { Fault } from './fault.js'

export const bidFormat = 'gongji-bid-1'
const formFormat = 'gongji-bid-form-1'
const floor = 2 ** 20

export class Complaints extends Fault {
  constructor(fields) {
    super(`有 ${fields.length} 处需要修改，请按提示改正后再提交`)
    this.fields = fields
  }
}

// padded is Padmé with a floor of 1 MiB. Sizes are below 2^53, so floating
// point is exact.
export function padded(n) {
  if (n <= floor) return floor
  const e = Math.floor(Math.log2(n)), s = Math.floor(Math.log2(e)) + 1
  const step = 2 ** (e - s)
  return Math.ceil(n / step) * step
}

const block = (n) => Math.ceil(n / 512) * 512
const tarSize = (manifest, files) => 512 + block(manifest) + files.reduce((n, f) => n + 512 + block(f.size), 0) + 1024

export async function packBid(form, bid, files, own, { onProgress } = {}) {
  if (form.format !== formFormat) throw new Fault('这不是投标格式文件，请在项目页面重新下载“投标格式文件”')
  const blobs = files.map((f) => f instanceof Blob ? { name: f.name, blob: f } : f)
  const draft = complete(form, bid, blobs.map((f) => ({ name: f.name, size: f.blob.size })))
  const complaints = checkBid(form, draft)
  if (complaints.length) throw new Complaints(complaints)

  const total = blobs.reduce((n, f) => n + f.blob.size, 0)
  let done = 0
  for (const [i, f] of blobs.entries()) {
    draft.files[i].sha256 = await digest(f.blob, (n) => onProgress?.({ step: 'hash', done: done += n, total }))
      .catch(() => { throw moved(f) })
  }
  const head = new TextEncoder().encode(JSON.stringify(draft))
  const size = tarSize(head.length, draft.files), whole = padded(size)
  if (whole > limits.plain) throw new Fault(`投标文件合计超过 ${limits.plain / 2 ** 20} MB，请压缩附件`)

  const { readable, controller } = createTarPacker()
  const failed = writeTar(controller, head, draft.files, blobs).then(() => null, (e) => { controller.error(e); return e })
  let written = 0
  try {
    const out = await encrypter([form.recipient, ...own]).encrypt(readable.pipeThrough(zerosTo(whole)))
    const sealed = await collect(out, (n) => onProgress?.({ step: 'encrypt', done: Math.min(written += n, whole), total: whole }))
    return { ...sealed, manifest: draft }
  } catch (e) {
    throw e instanceof Fault ? e : (await failed) ?? e
  }
}

// complete puts answers in the order of the questions, with their names;
// those to no question stay at the end, for checkBid to complain about.
function complete(form, bid, files) {
  const answers = [], asked = new Set(form.questions.map((q) => q.key))
  for (const q of form.questions) {
    for (const a of bid.answers) if (a.criterion === q.key) answers.push({ criterion: q.key, name: q.name, text: a.text })
  }
  for (const a of bid.answers) if (!asked.has(a.criterion)) answers.push({ criterion: a.criterion, name: a.name ?? '', text: a.text })
  return { format: bidFormat, tender: bid.tender || form.tender, supplier: bid.supplier, price: bid.price, delivery: bid.delivery, answers, files }
}

const moved = (f) => new Fault(`附件“${f.name}”在加密过程中被改动，请关闭正在编辑它的软件后重试`)

async function writeTar(controller, head, files, blobs) {
  await entry(controller, 'manifest.json', new Blob([head]))
  for (const [i, f] of files.entries()) {
    const sum = await entry(controller, `files/${i + 1}`, blobs[i].blob).catch(() => { throw moved(f) })
    if (sum !== f.sha256) throw moved(f)
  }
  controller.finalize()
}

// No times, no owners: nothing of the device goes in.
async function entry(controller, name, blob) {
  const w = controller.add({ name, size: blob.size, type: 'file', mode: 0o600, mtime: new Date(0) }).getWriter()
  const h = sha256.create()
  for await (const c of chunks(blob)) {
    h.update(c)
    await w.write(c)
  }
  await w.close()
  return bytesToHex(h.digest())
}

// zerosTo fills a stream up to n bytes.
function zerosTo(n) {
  let seen = 0
  return new TransformStream({
    transform(chunk, controller) { seen += chunk.length; controller.enqueue(chunk) },
    flush(controller) {
      for (; seen < n; seen += 65536) controller.enqueue(new Uint8Array(Math.min(65536, n - seen)))
    },
  })
}

// openBid is for one's own copy: it finds damage, but leaves hostile bids to
// seal.Read in Go, which is stricter.
export async function openBid(blob, identity) {
  try {
    const plain = await plaintext(blob, identity)
    const files = []
    let manifest
    for await (const e of chunks(plain.pipeThrough(createTarDecoder()))) {
      const got = await collect(e.body)
      if (!manifest) {
        if (e.header.name !== 'manifest.json') throw new Fault('这不是投标文件')
        manifest = JSON.parse(await got.blob.text())
        if (manifest.format !== bidFormat) throw new Fault('这不是投标文件')
        continue
      }
      const f = manifest.files[files.length]
      if (!f || e.header.name !== `files/${files.length + 1}` || got.sha256 !== f.sha256) throw new Fault('投标文件中的附件与清单不符')
      files.push({ ...f, blob: got.blob })
    }
    if (!manifest || files.length !== manifest.files.length) throw new Fault('投标文件不完整')
    return { manifest, files }
  } catch (e) {
    throw unreadable(e)
  }
}
