import { check, content } from './check.js'
import { fingerprint, pageOf } from './send.js'
import { badge, el, notice } from './element.js'
import { ask, locked } from './share.js'

const badges = { done: ['ok', '已完成'], doing: ['info', '填写中'], todo: ['neutral', '未填写'], error: ['danger', '需修改'], blocked: ['neutral', '暂不能填'] }

// home says on the task list how far the draft is; only this device can.
export async function home(place, draft, desk, rules, identities) {
  const faults = check(rules, desk.supplier, draft.now)
  const offer = faults.filter((f) => f.field === 'price' || f.field === 'delivery')
  const answers = faults.filter((f) => f.field.startsWith('answers.'))
  const state = (list, all) => list.some((f) => !f.missing) ? 'error' : !list.length ? 'done' : list.length === all ? 'todo' : 'doing'
  const n = draft.now.files.length
  const same = !faults.length && desk.version > 0 && desk.submitted && draft.now.sent?.version === desk.version &&
    draft.now.sent.content === fingerprint(content(rules, desk.supplier, draft.now))
  const tasks = {
    offer: [state(offer, 2)],
    answers: [rules.questions.length ? state(answers, rules.questions.length) : 'done'],
    files: faults.some((f) => f.field.startsWith('files')) ? ['error', '有附件需要修改'] : n ? ['done', `已上传 ${n} 个`] : ['todo', '没有附件也可以提交'],
    check: faults.length ? ['blocked', `还有 ${faults.length} 处没有填好`] : same ? ['done', '现在的内容就是已提交的版本'] : ['todo', '提交前逐项核对；截止前可以替换或撤回'],
  }
  for (const [name, [s, hint]] of Object.entries(tasks)) {
    const li = place.querySelector(`[data-task="${name}"]`)
    li.querySelector('.task-state').replaceChildren(badge(...badges[s]))
    if (hint) li.querySelector('.hint').textContent = hint
    const a = li.querySelector('a')
    if (s === 'blocked') { a.dataset.href = a.href; a.removeAttribute('href') } else if (a.dataset.href) a.href = a.dataset.href
  }
  next(desk, faults, same)
  const closed = locked(draft.now.files, identities)
  if (closed.length && !same) place.before(notice('warn', ask(closed)))
  place.hidden = false
}

// next is the one obvious thing to do.
function next(desk, faults, same) {
  const box = document.querySelector('[data-bid-next]')
  if (!box) return
  const at = `/bids/${desk.bid}`
  const say = (title, text, label, href) => {
    box.replaceChildren(el('h2', { className: 'next-title', textContent: title }), el('p', { textContent: text }))
    if (href) box.append(el('p', {}, el('a', { className: 'btn btn-primary btn-big', href, textContent: label })))
  }
  if (faults.length) {
    const here = pageOf(faults[0].field)
    say('继续填写', `还有 ${faults.length} 处没有填好。`, '继续填写', at + here)
  } else if (same) say('已提交，等待开标', '截止前可以修改后重新提交，也可以撤回。截止后由采购人组织开标。')
  else if (desk.submitted) say('有改动尚未提交', '草稿与已提交的版本不同。不重新提交，仍以已提交的版本为准。', '核对并重新提交', at + '/check')
  else say('可以提交了', '核对无误后密封并提交。', '核对并提交', at + '/check')
}
