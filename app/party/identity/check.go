package identity

import (
	"bytes"
	"encoding/base64"
	"io"
	"strconv"
	"strings"

	"filippo.io/age/armor"

	"gongji/app/kernel/fault"
)

// CheckFile refuses a locked identity that a browser put if it is not what New
// makes: armored, small, locked by a passphrase alone, with a work factor of
// at least least and no more than any reader should spend. An identity that is
// not locked is refused with special care: it must not be kept.
//
// It costs no scrypt: the passphrase is unknown and the file is not opened.
func CheckFile(file string, least int) error {
	if strings.Contains(strings.ToUpper(file), "AGE-SECRET-KEY-") {
		return fault.New(fault.Invalid, "这是没有用口令加密的密钥，平台拒绝保存；请在浏览器中重新生成")
	}
	if len(file) > maxFile {
		return fault.New(fault.Invalid, "个人密钥文件过大（超过 %d 字节），请在浏览器中重新生成", maxFile)
	}
	if !strings.HasPrefix(file, armor.Header) {
		return fault.New(fault.Invalid, "个人密钥文件应以 %s 开头，请在浏览器中重新生成", armor.Header)
	}
	b, err := io.ReadAll(armor.NewReader(strings.NewReader(file)))
	if err != nil {
		return damaged(err)
	}
	factor, ok := scryptFactor(b)
	switch {
	case !ok:
		return fault.New(fault.Invalid, "个人密钥文件须只用口令加密，请在浏览器中重新生成")
	case factor < least:
		return fault.New(fault.Invalid, "口令加密强度 %d 太低，至少 %d，请更新页面后重新生成密钥", factor, least)
	case factor > mostFactor:
		return fault.New(fault.Invalid, "口令加密强度 %d 过高，最多 %d，请在浏览器中重新生成密钥", factor, mostFactor)
	}
	return nil
}

// Sizes of a file that New makes: the age v1 format fixes them all except the
// number of bytes that are locked.
const (
	identityText = 74 // AGE-SECRET-KEY-1…
	sealing      = 16 + 16
)

// scryptFactor reads the work factor from the header of a binary age file with
// exactly one scrypt stanza and a payload the size of one identity, with or
// without the end of its line.
func scryptFactor(b []byte) (int, bool) {
	intro, rest, _ := bytes.Cut(b, []byte("\n"))
	stanza, rest, _ := bytes.Cut(rest, []byte("\n"))
	body, rest, _ := bytes.Cut(rest, []byte("\n"))
	mac, payload, ok := bytes.Cut(rest, []byte("\n"))
	args := strings.Split(string(stanza), " ")
	if !ok || string(intro) != "age-encryption.org/v1" || len(args) != 4 || args[0] != "->" || args[1] != "scrypt" {
		return 0, false
	}
	tag, found := bytes.CutPrefix(mac, []byte("--- "))
	if !found || decoded(string(tag)) != 32 || decoded(string(body)) != 32 || decoded(args[2]) != 16 {
		return 0, false
	}
	if n := len(payload) - sealing; n != identityText && n != identityText+1 {
		return 0, false
	}
	factor, err := strconv.Atoi(args[3])
	return factor, err == nil && strconv.Itoa(factor) == args[3]
}

func decoded(s string) int {
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil {
		return -1
	}
	return len(b)
}
