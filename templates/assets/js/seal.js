// The script of the pages that seal or open: its own file, loaded by
// <script type="module" src="{{asset "seal.js"}}"></script> on those pages
// only. A page's part is a function in seal/page/NAME.js that takes the element
// with data-seal="NAME"; add it to parts. The functions are exported too, for
// tests and for the curious.
import { attempt, change, make } from './seal/page/key.js'
import { combine, deal, rehearse } from './seal/page/holder.js'

export * from './seal/index.js'

const parts = { 'key-make': make, 'key-change': change, 'key-try': attempt, rehearse, deal, combine }

for (const el of document.querySelectorAll('[data-seal]')) parts[el.dataset.seal]?.(el)
