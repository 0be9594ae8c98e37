// unsaved asks before a form that does not save itself is left with something
// typed in it; its own buttons send it and ask nothing.
export function unsaved(form) {
  let dirty = false
  form.addEventListener('input', (e) => { if (!e.target.closest('[role=search]')) dirty = true })
  form.addEventListener('submit', (e) => setTimeout(() => { if (!e.defaultPrevented) dirty = false }))
  window.addEventListener('beforeunload', (e) => { if (dirty) e.preventDefault() })
}
