// all ticks or unticks every box of a name in its form at once.
export function all(button) {
  const boxes = () => [...button.form.querySelectorAll(`input[type=checkbox][name="${button.dataset.all}"]`)]
  const word = () => { button.textContent = boxes().some((b) => b.checked) ? '全部取消勾选' : '全部勾选' }
  button.hidden = false
  button.addEventListener('click', () => {
    const to = !boxes().some((b) => b.checked)
    for (const b of boxes()) b.checked = to
    word()
  })
  button.form.addEventListener('change', word)
  word()
}
