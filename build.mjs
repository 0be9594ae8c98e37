// Builds what the browser loads into templates/static/dist, which the Go
// binary embeds. Nothing here or in the result names another host.
import { build } from 'esbuild'
import { PurgeCSS } from 'purgecss'
import { readFile, writeFile, readdir, rm, mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import path from 'node:path'

const root = import.meta.dirname
const src = path.join(root, 'templates/assets')
const icons = path.join(root, 'node_modules/@tabler/icons/icons/outline')
const dist = path.join(root, 'templates/static/dist')

async function walk(dir, wanted) {
  if (!existsSync(dir)) return []
  const out = []
  for (const e of await readdir(dir, { withFileTypes: true })) {
    const p = path.join(dir, e.name)
    if (e.isDirectory()) {
      if (p !== path.dirname(dist)) out.push(...await walk(p, wanted))
    } else if (wanted.test(e.name)) out.push(p)
  }
  return out
}

const markup = [
  ...await walk(path.join(root, 'templates'), /\.(html|go)$/),
  ...await walk(path.join(root, 'app/web'), /\.go$/),
  ...await walk(path.join(root, 'app/edge'), /\.go$/),
  ...await walk(path.join(src, 'js'), /\.js$/),
]

// Tabler, cut to the classes our pages use; then our own sheets on top.
async function styles() {
  const tabler = path.join(root, 'node_modules/@tabler/core/dist/css/tabler.css')
  const [purged] = await new PurgeCSS().purge({
    content: markup, css: [tabler],
    safelist: { standard: ['html', 'body', /^:root/, /^htmx-/] },
    // The pages are light only, and no page uses Tabler's scripts.
    blocklist: [/data-bs-theme=['"]?dark/, /^modal/, /^tooltip/, /^popover/, /^offcanvas/, /^carousel/, /^ts-/, /^litepicker/, /^apexcharts/, /^fc-/,
      // Names of our own components, which Tabler also gives a look.
      /^(btn|icon|figure|status|timeline|empty|grid|page|card|choice|tile|notice|upload|file|menu|shell|top|crumbs|foot|brand|facts?|next|verify|tasks?|count|article|prose)(-|$)/],
  })
  const own = await walk(path.join(src, 'css'), /\.css$/)
  const all = [purged.css.replace(/@charset "[^"]*";|\/\*# sourceMappingURL.*\*\//g, '')]
  for (const f of own.sort()) all.push(await readFile(f, 'utf8'))
  await build({
    stdin: { contents: all.join('\n'), loader: 'css', resolveDir: src },
    minify: true, outfile: path.join(dist, 'app.css'), logLevel: 'warning',
    target: ['chrome100', 'firefox100', 'safari15'],
  })
  // What residents answer on: a page of its own small sheet, for cheap phones.
  await build({ entryPoints: [path.join(src, 'lite/resident.css')], minify: true, outfile: path.join(dist, 'resident.css'), logLevel: 'warning', target: ['chrome60', 'safari11'] })
  const css = await readFile(path.join(dist, 'app.css'), 'utf8')
  const foreign = css.replace(/xmlns=(['"]|%22|%27)http:\/\/www\.w3\.org\/[^'"%]*/g, '').match(/(@import|url\(\s*["']?(https?:)?\/\/)[^;)]*/)
  if (foreign) throw new Error('app.css asks another host: ' + foreign[0])
}

async function scripts() {
  const common = { bundle: true, minify: true, charset: 'utf8', legalComments: 'none', logLevel: 'warning', target: ['chrome100', 'firefox100', 'safari15'] }
  await build({ ...common, entryPoints: [path.join(src, 'js/app.js')], outfile: path.join(dist, 'app.js'), format: 'iife' })
  await build({ ...common, entryPoints: [path.join(src, 'js/charts.js')], outfile: path.join(dist, 'charts.js'), format: 'esm' })
  // ES2022: BigInt arithmetic of the curves, whole.
  for (const name of ['seal', 'bid', 'opening', 'offer']) await build({ ...common, target: ['es2022'], entryPoints: [path.join(src, `js/${name}.js`)], outfile: path.join(dist, `${name}.js`), format: 'esm' })
}

// The sprite holds the icons that pages name literally, and no others.
async function sprite() {
  const names = new Set()
  for (const f of markup) {
    const text = await readFile(f, 'utf8')
    for (const re of [/\bicon\s+"([a-z0-9-]+)"/g, /"icon"\s+"([a-z0-9-]+)"/g, /\bIcon:\s*"([a-z0-9-]+)"/g, /\bor \.icon "([a-z0-9-]+)"/g])
      for (const m of text.matchAll(re)) names.add(m[1])
    // Go names icons in tables too; a literal that is no icon is left out.
    if (f.includes('app/web')) for (const m of text.matchAll(/"([a-z][a-z0-9-]+)"/g))
      if (existsSync(path.join(icons, m[1] + '.svg'))) names.add(m[1])
  }
  const symbols = []
  for (const n of [...names].sort()) {
    const f = path.join(icons, n + '.svg')
    if (!existsSync(f)) throw new Error(`no Tabler icon "${n}"; see https://tabler.io/icons`)
    const body = (await readFile(f, 'utf8')).replace(/[\s\S]*?<svg[\s\S]*?>/, '').replace(/<\/svg>\s*$/, '').replace(/<path stroke="none"[^>]*\/>/, '').replace(/\s*\n\s*/g, '')
    symbols.push(`<symbol id="${n}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${body}</symbol>`)
  }
  await writeFile(path.join(dist, 'icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`)
}

await mkdir(dist, { recursive: true })
for (const f of await readdir(dist)) if (f !== '.gitkeep') await rm(path.join(dist, f))
await Promise.all([styles(), scripts(), sprite()])
await writeFile(path.join(dist, 'favicon.svg'), await readFile(path.join(src, 'favicon.svg')))

for (const f of ['app.css', 'resident.css', 'app.js', 'charts.js', 'seal.js', 'bid.js', 'opening.js', 'offer.js', 'icons.svg']) {
  const body = await readFile(path.join(dist, f))
  console.log(`${f} ${body.length} bytes, ${gzipSync(body).length} compressed`)
}
