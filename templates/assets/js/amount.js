// Amounts of money as people type them and as documents write them. The same
// rules as app/kernel/money, on whole 分 as BigInt: nothing is rounded.

const capitals = '零壹贰叁肆伍陆柒捌玖'

// parse reads an amount in 元 and gives {fen} or {error}, a sentence that says
// how to mend it.
export function parse(text) {
  const refuse = (error) => ({ error })
  if ([...text].length > 64) return refuse('金额太长，请只填写数字，例如 1409.50')
  let t = [...text].map(narrow).join('').trim()
  if (t.startsWith('人民币')) t = t.slice(3).trim()
  let negative = t.startsWith('-')
  if (negative) t = t.slice(1).trim()
  if (t.startsWith('¥')) t = t.slice(1).trim()
  if (t.startsWith('-')) { negative = true; t = t.slice(1).trim() }
  if (t.endsWith('元')) t = t.slice(0, -1).trim()
  if (!t) return refuse('请填写金额，例如 1409.50')
  const dot = t.indexOf('.')
  const whole = dot < 0 ? t : t.slice(0, dot), cents = dot < 0 ? '' : t.slice(dot + 1)
  for (const c of whole + cents) {
    if (/[0-9, ]/.test(c)) continue
    if (c === '.') return refuse('金额里有不止一个小数点，请只保留一个')
    if (c === '-') return refuse('金额不能为负数，中间也不能有横线，请只填写数字')
    if ('万亿千百十'.includes(c)) return refuse('请以元为单位填写数字，例如 7.5 万元填 75000')
    if ('零壹贰叁肆伍陆柒捌玖拾佰仟一二三四五六七八九角分整'.includes(c)) return refuse('请填写阿拉伯数字，例如 1409.50，大写由系统生成')
    return refuse('金额里有不能识别的字符，请只填写数字，例如 1409.50')
  }
  if (!whole) return refuse('小数点前面缺少数字，例如五角请填 0.50')
  if (dot >= 0 && !cents) return refuse('小数点后面缺少数字，请补全或去掉小数点')
  if (/[, ]/.test(cents)) return refuse('小数点后面不能有逗号或空格，请核对金额')
  if (negative) return refuse('金额不能为负数，请去掉负号')
  if (!/^\d+$/.test(whole) && !/^\d{1,3}([, ]\d{3})+$/.test(whole)) return refuse('千位分隔逗号的位置不对，请每三位一个逗号，或去掉逗号，例如 1,409.50 或 1409.50')
  if (cents.length > 2) return refuse('金额最多到分，即小数点后两位，请去掉多余的小数')
  const digits = whole.replace(/[, ]/g, '').replace(/^0+/, '')
  if (digits.length > 15) return refuse('金额必须小于 1000 万亿元（10 的 15 次方元），请核对是否多输了数字')
  return { fen: BigInt(digits + (cents + '00').slice(0, 2)) }
}

// narrow brings what a Chinese input method produces to ASCII.
function narrow(c) {
  if (c === '￥') return '¥'
  if (c === '−' || c === '–' || c === '—') return '-'
  if (c >= '！' && c <= '～') return String.fromCharCode(c.charCodeAt(0) - 0xfee0)
  return /\s/.test(c) ? ' ' : c
}

// yuan groups whole 分 as 650,000.00.
export function yuan(fen) {
  const s = String(fen).padStart(3, '0')
  return s.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',') + '.' + s.slice(-2)
}

// upper writes whole 分, none negative, as 人民币大写: a run of zeros inside the
// 元 is one 零, also across 万 and 亿; 整 follows 元 and 角.
export function upper(fen) {
  const n = BigInt(fen)
  const whole = n / 100n, jiao = Number(n / 10n % 10n), cent = Number(n % 10n)
  let s = whole > 0n || n === 0n ? integer(whole) + '元' : ''
  if (!jiao && !cent) s += '整'
  else if (!cent) s += capitals[jiao] + '角整'
  else if (jiao) s += capitals[jiao] + '角' + capitals[cent] + '分'
  else s += (whole > 0n ? '零' : '') + capitals[cent] + '分'
  return '人民币' + s
}

// integer writes digit by digit, four to a section. A zero is held back until
// a digit follows it.
function integer(n) {
  if (n === 0n) return capitals[0]
  let s = '', zero = false
  const section = (v) => {
    for (const [power, unit] of [[1000, '仟'], [100, '佰'], [10, '拾'], [1, '']]) {
      const d = Math.floor(v / power) % 10
      if (!d) { zero = s !== ''; continue }
      s += (zero ? capitals[0] : '') + capitals[d] + unit
      zero = false
    }
  }
  const part = (power) => Number(n / 10n ** power % 10000n)
  const top = part(12n), high = part(8n), middle = part(4n)
  if (top) { section(top); s += '万' }
  section(high)
  if (top || high) s += '亿'
  section(middle)
  if (middle) s += '万'
  section(part(0n))
  return s
}
