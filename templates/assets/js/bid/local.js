// What must outlive a reload or a broken connection is kept on this device in
// IndexedDB: ciphertext only. Where the browser refuses (private windows), the
// page works on without, and memory has to do.
const memory = new Map()

function open() {
  return new Promise((ok, bad) => {
    const r = indexedDB.open('gongji-bid', 1)
    r.onupgradeneeded = () => r.result.createObjectStore('kept')
    r.onsuccess = () => ok(r.result)
    r.onerror = () => bad(r.error)
  })
}

async function run(mode, act) {
  const db = await open()
  try {
    return await new Promise((ok, bad) => {
      const t = db.transaction('kept', mode)
      const r = act(t.objectStore('kept'))
      t.oncomplete = () => ok(r.result)
      t.onabort = t.onerror = () => bad(t.error)
    })
  } finally { db.close() }
}

export async function keep(key, value) {
  memory.set(key, value)
  try { await run('readwrite', (s) => s.put(value, key)) } catch { /* memory has it */ }
}

export async function kept(key) {
  try { return await run('readonly', (s) => s.get(key)) ?? memory.get(key) } catch { return memory.get(key) }
}

export async function drop(key) {
  memory.delete(key)
  try { await run('readwrite', (s) => s.delete(key)) } catch { /* nothing was kept */ }
}
