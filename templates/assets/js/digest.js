// digest compares a file the reader chooses with the SHA-256 of the issued
// document. The file is read here and sent nowhere. Browsers offer the
// arithmetic only to secure pages; elsewhere the words on how to do it by hand
// stay alone.
export function digest(card) {
  const box = card.querySelector('[data-digest-box]')
  const result = card.querySelector('[data-digest-result]')
  if (!window.crypto?.subtle) return
  box.hidden = false
  card.addEventListener('change', async (e) => {
    const file = e.target.files?.[0]
    if (!file) return
    say('info', '正在计算……')
    try {
      const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
      const hex = [...sum].map((b) => b.toString(16).padStart(2, '0')).join('')
      if (hex === card.dataset.digest) say('ok', '一致：这就是出具的原件，没有被改动。')
      else say('danger', '不一致：这个文件不是出具的原件，或被改动过（打印后扫描、另存也会改变文件）。')
    } catch {
      say('warn', '没有读到这个文件，请重新选择。')
    }
  })
  function say(kind, text) {
    const p = document.createElement('p')
    p.textContent = text
    const notice = document.createElement('div')
    notice.className = `notice notice-${kind}`
    notice.append(p)
    result.replaceChildren(notice)
  }
}
