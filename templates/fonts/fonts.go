// Package fonts holds the TrueType fonts of the PDFs inside the binary. They
// are read where they lie: opening one copies nothing.
package fonts

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
)

//go:embed ttf
var files embed.FS

// The fonts, by file name.
const (
	Regular = "NotoSansSC-Regular.ttf" // OFL, npm @expo-google-fonts/noto-sans-sc
	Bold    = "NotoSansSC-Bold.ttf"    // the same
	Emoji   = "NotoEmoji-Regular.ttf"  // OFL, npm @expo-google-fonts/noto-emoji; one colour
	Rare    = "GongjiRareHan.ttf"      // Han of GB 18030-2022 that Noto lacks; see GongjiRareHan.LICENSE.txt
)

// Open gives random access to a font. It fails when the binary was built
// before make had put the fonts in place.
func Open(name string) (io.ReaderAt, error) {
	f, err := files.Open("ttf/" + name)
	if err != nil {
		return nil, fmt.Errorf("字体 %s 不在程序里：请先运行 npm ci && npm run fonts 再编译: %w", name, fs.ErrNotExist)
	}
	at, ok := f.(io.ReaderAt)
	if !ok {
		return nil, fmt.Errorf("字体 %s 不能随机读取", name)
	}
	return at, nil
}
