// Puts the fonts of the PDFs where go:embed takes them from: three from npm
// packages, the rare Han characters from the file committed beside fonts.go.
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const to = join(root, 'templates/fonts/ttf')
const npm = (...p) => join(root, 'node_modules/@expo-google-fonts', ...p)
const newer = (from, file) => existsSync(file) && statSync(file).mtimeMs >= statSync(from).mtimeMs

const copies = {
  'NotoSansSC-Regular.ttf': npm('noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf'),
  'NotoSansSC-Bold.ttf': npm('noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf'),
  'NotoEmoji-Regular.ttf': npm('noto-emoji/400Regular/NotoEmoji_400Regular.ttf'),
  'NotoSansSC.LICENSE.txt': npm('noto-sans-sc/LICENSE_FONT'),
  'NotoEmoji.LICENSE.txt': npm('noto-emoji/LICENSE_FONT'),
}

mkdirSync(to, { recursive: true })
for (const [name, from] of Object.entries(copies)) {
  if (!existsSync(from)) {
    console.error(`fonts: ${from} is missing; run npm ci first`)
    process.exit(1)
  }
  if (!newer(from, join(to, name))) copyFileSync(from, join(to, name))
}
const rare = join(root, 'templates/fonts/GongjiRareHan.ttf.gz')
const out = join(to, 'GongjiRareHan.ttf')
if (!newer(rare, out)) writeFileSync(out, gunzipSync(readFileSync(rare)))
