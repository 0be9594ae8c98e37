import { Fault, makeIdentity, openIdentity, openSealed, sealTo } from '../seal/index.js'

// The identities that a passphrase opened live in this tab only and go when
// the tab closes or its person signs out (app.js does that). They are kept
// under the recipient of the account that opened them: another person at the
// same tab does not have them.
const place = 'gongji-identity'

export function identities(me) {
  try {
    const x = JSON.parse(sessionStorage.getItem(place))
    return x && x.account === me ? x.identities : null
  } catch { return null }
}

export function remember(me, list) {
  try { sessionStorage.setItem(place, JSON.stringify({ account: me, identities: list })) } catch { /* asked again on the next page */ }
}

// unlock opens the key files that the passphrase opens, the current first. An
// older key may have had another passphrase.
export async function unlock(files, passphrase) {
  const out = []
  let why
  for (const f of files) {
    try { out.push(await openIdentity(f, passphrase)) } catch (e) {
      why ??= e
      if (f === files[0]) break
    }
  }
  if (!out.length) throw why ?? new Fault('没有可以打开的密钥')
  return out
}

// makeKey opens at once what it made: a key that its passphrase does not open
// must not get anything encrypted to it.
export async function makeKey(passphrase) {
  const made = await makeIdentity(passphrase)
  return { ...made, identity: await openIdentity(made.file, passphrase) }
}

export const encrypt = (recipients, data) => sealTo(recipients, data)

// decrypt tries each of one's identities.
export async function decrypt(list, data) {
  let why
  for (const i of list) try { return await openSealed(data, i) } catch (e) { why = e }
  throw why
}
