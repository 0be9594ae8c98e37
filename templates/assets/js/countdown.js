// The page carries the server's clock: a wrong clock on the reader's machine,
// or the demo's shifted one, must not change what is left.
const stated = Date.parse(document.body.dataset.now)
const begun = performance.now()
const now = () => Number.isNaN(stated) ? Date.now() : stated + performance.now() - begun

export function countdown(el) {
  const at = Date.parse(el.dataset.deadline)
  if (Number.isNaN(at)) return
  const say = () => {
    const left = Math.floor((at - now()) / 1000)
    const d = Math.floor(left / 86400), h = Math.floor(left / 3600) % 24, m = Math.floor(left / 60) % 60
    let text = '已截止'
    if (left > 0) {
      if (d > 0) text = `还剩 ${d} 天 ${h} 小时`
      else if (h > 0) text = `还剩 ${h} 小时 ${m} 分`
      else if (m >= 10) text = `还剩 ${m} 分`
      else text = m > 0 ? `还剩 ${m} 分 ${left % 60} 秒` : `还剩 ${left} 秒`
    }
    if (el.textContent !== text) el.textContent = text
    el.classList.toggle('countdown-past', left <= 0)
    el.classList.toggle('countdown-soon', left > 0 && left < 86400)
    if (left > 0) setTimeout(say, left < 3600 ? 1000 : 15000)
  }
  say()
}

// lastHour brings a warning up when the last hour before its moment begins,
// also on a page that was opened long before.
export function lastHour(box) {
  const at = Date.parse(box.dataset.lastHour)
  const look = () => {
    const left = at - now()
    box.hidden = left > 3600000
    if (left > 3600000) setTimeout(look, Math.min(left - 3600000, 60000))
  }
  look()
}
