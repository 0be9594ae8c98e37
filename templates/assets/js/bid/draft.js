import { call, Trouble } from './server.js'
import { encrypt, decrypt } from './vault.js'
import { keep, kept, drop } from './local.js'
import { empty, merge } from './merge.js'

const quiet = 1000 // ms without typing before a draft goes out
const longest = 30000

export class Unreadable extends Error {}

// Draft is the working copy of one bid. It is plain in this tab's memory and
// nowhere else: what goes to IndexedDB and to the server is encrypted to the
// bidder and the colleagues who have keys.
export class Draft {
  constructor(desk, identities) {
    this.desk = desk
    this.identities = identities
    this.base = empty()    // as the server has it
    this.now = empty()     // as it is on the page
    this.version = ''      // the server's tag of base
    this.dirty = false
    this.over = false      // the deadline passed: what is left stays on this device
    this.listeners = []
    this.wait = quiet
  }

  onSay(f) { this.listeners.push(f) }
  say(text, bad) { for (const f of this.listeners) f(text, bad) }
  // unsaved tells whether leaving would give up something staying could save.
  unsaved() { return this.dirty && !this.over }
  pendingKey() { return `draft:${this.desk.bid}:${this.desk.me}` }

  // fetch gives what the server has.
  async fetch() {
    const r = await call('GET', this.desk.draft)
    if (r.status === 204) return { version: '', draft: empty() }
    const version = r.headers.get('ETag') ?? ''
    const body = await r.blob()
    try {
      return { version, draft: { ...empty(), ...JSON.parse(await (await decrypt(this.identities, body)).text()) } }
    } catch { throw Object.assign(new Unreadable(), { version }) }
  }

  // load takes the server's copy, and on top of it what this device could not
  // send the last time.
  async load() {
    const { version, draft } = await this.fetch()
    this.version = version
    this.base = draft
    this.now = structuredClone(draft)
    const left = await kept(this.pendingKey())
    if (!left) return
    try {
      const { base, mine } = JSON.parse(await (await decrypt(this.identities, left)).text())
      this.now = merge(base, mine, draft)
      this.changed()
    } catch { /* an older key's; nothing here can open it */ }
  }

  // start throws an unreadable draft away and begins anew.
  startAnew(version) {
    this.version = version
    this.base = empty()
    this.now = empty()
    this.dirty = true
  }

  changed() {
    this.dirty = true
    this.say('正在保存……')
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save().catch(() => {}), quiet)
  }

  seal(value) { return encrypt(this.desk.recipients, new TextEncoder().encode(JSON.stringify(value))) }

  // save brings the draft to the server; at the end the server has everything,
  // or this throws and the device has it, encrypted.
  save() {
    clearTimeout(this.timer)
    this.saving = (this.saving ?? Promise.resolve()).catch(() => {}).then(() => this.saveOnce())
    return this.saving
  }

  async saveOnce() {
    if (!this.dirty) return
    for (let tries = 0; ; tries++) {
      this.dirty = false
      this.now.by = this.desk.name
      this.now.to = this.desk.recipients
      const going = structuredClone(this.now)
      try {
        await keep(this.pendingKey(), await this.seal({ base: this.base, mine: going }))
        const r = await call('PUT', this.desk.draft, await this.seal(going),
          { 'Content-Type': 'application/octet-stream', ...(this.version ? { 'If-Match': this.version } : { 'If-None-Match': '*' }) })
        this.version = r.headers.get('ETag') ?? this.version
        this.base = going
        this.wait = quiet
        if (!this.dirty) await drop(this.pendingKey())
        this.say(`草稿已加密保存 ${new Date().toTimeString().slice(0, 5)}`)
        return
      } catch (e) {
        this.dirty = true
        if ([409, 412].includes(e.status) && tries < 5) { await this.bringTogether(going); continue }
        this.trouble(e)
        throw e
      }
    }
  }

  // bringTogether takes in what another tab or a colleague saved meanwhile.
  async bringTogether() {
    const { version, draft } = await this.fetch()
    const merged = merge(this.base, this.now, draft)
    this.version = version
    this.base = draft
    this.now = merged
    this.onMerged?.()
  }

  trouble(e) {
    if (e instanceof Trouble && e.status === 410) { this.over = true; this.say('投标截止时间已过，草稿不能再保存到平台；填写的内容仍加密保存在这台设备上。', true); return }
    this.wait = Math.min(this.wait * 2, longest)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.save().catch(() => {}), this.wait)
    this.say(e.status === 401 ? e.message : '草稿暂未存到平台，正在重试；内容已加密保存在这台设备上。', true)
  }
}
