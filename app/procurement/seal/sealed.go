package seal

import (
	"bytes"
	"strings"

	"filippo.io/age"
)

// HeadSize is how many first bytes IsSealed and CheckSize want to see; a whole
// header is within it.
const HeadSize = 16 << 10

const (
	ageIntro  = "age-encryption.org/v1"
	ageNonce  = 16
	ageChunk  = 64 << 10
	ageTag    = 16
	mostOwn   = 64 // recipients; an organisation's colleagues and the tender
	useSealed = "请在投标页面加密后提交，或用 gongji seal 加密"
)

// IsSealed refuses what is not the beginning of a binary age v1 file to
// recipients: a bid that is not encrypted must not be kept. head has the first
// HeadSize bytes, or all there are.
func IsSealed(head []byte) error {
	_, err := header(head)
	return err
}

// header is the size of the age header in head.
func header(head []byte) (int64, error) {
	if !bytes.HasPrefix(head, []byte(ageIntro+"\n")) {
		return 0, notAge(head)
	}
	h, err := age.ExtractHeader(bytes.NewReader(head))
	if err != nil || !bytes.HasPrefix(head, h) {
		return 0, bad("加密文件的开头已损坏，平台不接收；请重新加密后提交")
	}
	n := 0
	for line := range strings.Lines(string(h)) {
		if strings.HasPrefix(line, "-> scrypt ") {
			return 0, bad("这个文件是用口令加密的，开标时无法打开，平台不接收；%s", useSealed)
		}
		if strings.HasPrefix(line, "-> X25519 ") {
			n++
		}
	}
	switch {
	case n == 0:
		return 0, bad("这个文件不是加密给本项目的，平台不接收；%s", useSealed)
	case n > mostOwn:
		return 0, bad("加密文件的收件公钥超过 %d 个，请减少后重新加密", mostOwn)
	}
	return int64(len(h)), nil
}

func isAge(b []byte) error {
	if _, err := age.ExtractHeader(bytes.NewReader(b)); err != nil {
		return notAge(b)
	}
	return nil
}

// notAge says what a file that is no binary age file is, and how to mend it.
func notAge(head []byte) error {
	var what string
	switch {
	case len(head) == 0:
		return bad("文件是空的，请重新选择加密后的投标文件")
	case bytes.HasPrefix(head, []byte("-----BEGIN AGE ENCRYPTED FILE-----")):
		return bad("加密文件是文本形式（armored），平台只接收二进制形式；加密时请去掉 -a（--armor）选项")
	case bytes.HasPrefix(head, []byte("age-encryption.org/")):
		return bad("加密文件的版本不是 age v1，平台不接收；%s", useSealed)
	case bytes.HasPrefix(head, []byte("%PDF")):
		what = "PDF 文件"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		what = "Office 文档或压缩包"
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		what = "旧版 Office 文档"
	case len(head) > 262 && string(head[257:262]) == "ustar":
		what = "没有加密的打包文件"
	case bytes.HasPrefix(head, []byte("{")):
		what = "没有加密的 JSON 文件"
	default:
		return bad("文件没有加密，平台不接收未加密的投标；%s", useSealed)
	}
	return bad("这是%s，没有加密，平台不接收未加密的投标；%s", what, useSealed)
}

// CheckSize refuses a sealed bid whose size was not padded, and so would tell
// how much is in it. total is the size of the whole file in bytes.
func CheckSize(head []byte, total int64) error {
	n, err := header(head)
	if err != nil {
		return err
	}
	payload := total - n - ageNonce
	chunks := (payload + ageChunk + ageTag - 1) / (ageChunk + ageTag)
	plain := payload - chunks*ageTag
	switch {
	case plain > MaxPlain:
		return bad("投标文件超过 %d MB，请压缩附件", MaxPlain>>20)
	case plain < FloorSize || Padded(plain) != plain:
		return bad("加密文件没有填充到规定的大小，会泄露内容多少，平台不接收；%s", useSealed)
	}
	return nil
}

// SealedSize is the size of a sealed bid: header bytes of age header over n
// bytes of padded plaintext.
func SealedSize(header, n int64) int64 {
	return header + ageNonce + n + (n+ageChunk-1)/ageChunk*ageTag
}
