// What keeps a bid from being sealed; seal.CheckBid in Go says the same, word
// for word (a test compares them).
//
//   checkBid(form, bid) → [{field, message}], empty when nothing is wrong
export const limits = { answer: 5000, delivery: 500, name: 200, files: 60, file: 100 * 2 ** 20, plain: 2 * 2 ** 30 }

const count = (s) => [...s].length
const idForm = /^[0-9A-HJKMNP-TV-Z]{26}$/
const graphic = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+$/u
const nameable = (s) => graphic.test(s) && s === s.trim() && s !== '.' && s !== '..' && count(s) <= limits.name && !/[/\\:*?"<>|\ufffd]/.test(s)

// yuan writes 分 as Go's money.Fen.Yuan does: 1,234.50.
export function yuan(fen) {
  const [whole, cents] = [Math.floor(fen / 100), String(fen % 100).padStart(2, '0')]
  return `${String(whole).replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`
}

export function checkBid(form, bid) {
  const out = []
  const fail = (field, message) => out.push({ field, message })
  const tooLong = (field, text, most) => {
    if (count(text) > most) fail(field, `最多 ${most} 字，现在是 ${count(text)} 字；更长的内容请放进附件`)
  }
  if (bid.tender !== form.tender) fail('tender', '投标文件写的项目与投标格式文件不是同一个项目')
  if (!idForm.test(bid.supplier ?? '')) fail('supplier', '请填写供应商编号：登录平台后在“我的单位”页面复制，共 26 位')
  checkPrice(form.ceiling ?? {}, bid.price, fail)
  const delivery = bid.delivery ?? ''
  if (!delivery) fail('delivery', '请写明服务期限和交付承诺，例如：合同签订后 10 日内进场，服务一年')
  tooLong('delivery', delivery, limits.delivery)
  const given = new Map()
  for (const a of bid.answers ?? []) {
    if (given.has(a.criterion)) fail(`answers.${a.criterion}`, `“${a.name ?? ''}”回答了两次，请只留一个`)
    given.set(a.criterion, a)
  }
  for (const q of form.questions ?? []) {
    const text = given.get(q.key)?.text ?? ''
    if (!text) fail(`answers.${q.key}`, `请回答“${q.name}”；内容在附件中的，可写明见哪个附件`)
    tooLong(`answers.${q.key}`, text, limits.answer)
    given.delete(q.key)
  }
  for (const a of bid.answers ?? []) {
    if (given.has(a.criterion)) fail(`answers.${a.criterion}`, `采购文件中没有编号为“${a.criterion}”的评审因素，请删去`)
  }
  checkFiles(bid.files ?? [], fail)
  return out
}

function checkPrice(ceiling, price, fail) {
  if (price == null || price === 0) return fail('price', '请填写报价，应大于 0 元')
  if (price < 0) return fail('price', '金额不能为负数，请去掉负号')
  if (!Number.isSafeInteger(price)) return fail('price', '金额必须小于 1000 万亿元（10 的 15 次方元），请核对是否多输了数字')
  if (ceiling.limit != null && price > ceiling.limit) {
    fail('price', `报价 ${yuan(price)} 元超过${ceiling.amount == null ? '预算' : '最高限价'} ${yuan(ceiling.limit)} 元，超过的报价无效`)
  }
}

function checkFiles(files, fail) {
  if (files.length > limits.files) fail('files', `附件最多 ${limits.files} 个，现在是 ${files.length} 个；可以合并成一个文件`)
  const seen = new Set()
  for (const [i, f] of files.entries()) {
    const field = `files.${i + 1}`
    if (!nameable(f.name)) fail(field, `第 ${i + 1} 个附件的文件名不能用，请改成不超过 ${limits.name} 字、不含 / \\ 等符号的名字`)
    else if (seen.has(f.name)) fail(field, `有两个附件都叫“${f.name}”，请改名后再加密`)
    else if (f.size === 0) fail(field, `附件“${f.name}”是空文件，请重新选择`)
    else if (f.size < 0 || f.size > limits.file) fail(field, `附件“${f.name}”超过 ${limits.file / 2 ** 20} MB，请压缩或分成几个文件`)
    seen.add(f.name)
  }
}
