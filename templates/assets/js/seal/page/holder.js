// A key holder's page: to rehearse, and to hand a part over. A share and the
// passphrase stay here; a word, or ciphertext for the next holders, is sent.
import { openIdentity } from '../identity.js'
import { openShare } from '../share.js'
import { combine as put, subshare } from '../reshare.js'
import { secret, work } from './form.js'

async function open(form) {
  const part = JSON.parse(form.dataset.part)
  return { part, ...await openShare(part.key, part.file, await openIdentity(part.personal, secret(form, 'pass'))) }
}

export function rehearse(form) {
  work(form, async () => ({ word: (await open(form)).word }))
}

export function deal(form) {
  work(form, async () => {
    const { now, next } = JSON.parse(form.dataset.handing)
    const { share } = await open(form)
    const contribution = await subshare(now, share, next.threshold, next.shares.map((s) => s.holder))
    return { contribution: JSON.stringify(contribution) }
  })
}

// combine makes the part, and opens what it made: that is the rehearsal.
export function combine(form) {
  work(form, async () => {
    const { now, next, index, contributions, personal } = JSON.parse(form.dataset.handing)
    const own = await openIdentity(personal, secret(form, 'pass'))
    const made = await put(now, next, index, contributions, own)
    const { word } = await openShare(next, made.file, own)
    return { part: JSON.stringify({ index: made.index, holder: next.shares[index - 1].holder, file: made.file, word_hash: made.word_hash }), word }
  })
}
