// Package identity is a person's own key pair: an age X25519 identity that is
// made in that person's browser. The server keeps the public half (recipient)
// and the secret half locked by a passphrase it never learns.
//
// New and Open are for the client's side in Go: the command line, tests and
// the demonstration. The server only ever calls the checks.
package identity

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"filippo.io/age"
	"filippo.io/age/armor"
	"golang.org/x/text/unicode/norm"

	"gongji/app/kernel/fault"
)

// WorkFactor is the scrypt work factor (log2 N) of production; a browser takes
// about a second. Tests and the demonstration may lock with WeakFactor.
const (
	WorkFactor = 16
	WeakFactor = 10
	// mostFactor bounds what opening a file may cost: a hostile file could
	// otherwise keep its reader busy for hours.
	mostFactor = 18
)

// LeastPassphrase is the shortest passphrase, in characters.
const LeastPassphrase = 12

// maxFile bounds a locked identity: a true one has about 500 bytes.
const maxFile = 4 << 10

// Passphrase brings a passphrase to the one form it is used in (NFKC, no space
// around it), so that a full-width keyboard or another system's composition
// does not lock its owner out, and refuses one that is too short. The browser
// does the same.
func Passphrase(s string) (string, error) {
	s = strings.TrimSpace(norm.NFKC.String(s))
	if n := utf8.RuneCountInString(s); n < LeastPassphrase {
		return "", fault.New(fault.Invalid, "口令至少 %d 个字符，现在是 %d 个；可以用几个不相关的词连成一句", LeastPassphrase, n)
	}
	return s, nil
}

// New makes an identity and locks it: the recipient ("age1…") to publish, and
// the armored file to keep, which only the passphrase opens.
func New(passphrase string, workFactor int) (recipient, file string, err error) {
	pass, err := Passphrase(passphrase)
	if err != nil {
		return "", "", err
	}
	if workFactor < WeakFactor || workFactor > mostFactor {
		return "", "", fault.New(fault.Invalid, "口令加密强度只能在 %d 与 %d 之间", WeakFactor, mostFactor)
	}
	own, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	lock, err := age.NewScryptRecipient(pass)
	if err != nil {
		return "", "", err
	}
	lock.SetWorkFactor(workFactor)
	var b bytes.Buffer
	a := armor.NewWriter(&b)
	w, err := age.Encrypt(a, lock)
	if err != nil {
		return "", "", err
	}
	_, err = io.WriteString(w, own.String()+"\n")
	if err := errors.Join(err, w.Close(), a.Close()); err != nil {
		return "", "", err
	}
	return own.Recipient().String(), b.String(), nil
}

// Open unlocks a file of New, or of a browser.
func Open(file, passphrase string) (*age.X25519Identity, error) {
	if err := CheckFile(file, WeakFactor); err != nil {
		return nil, err
	}
	pass, err := Passphrase(passphrase)
	if err != nil {
		return nil, err
	}
	lock, err := age.NewScryptIdentity(pass)
	if err != nil {
		return nil, err
	}
	lock.SetMaxWorkFactor(mostFactor)
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(file)), lock)
	if err != nil {
		if errors.Is(err, age.ErrIncorrectIdentity) {
			return nil, fault.New(fault.Invalid, "口令不对，请重新输入；注意大小写")
		}
		return nil, damaged(err)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxFile))
	if err != nil {
		return nil, damaged(err)
	}
	own, err := age.ParseX25519Identity(strings.TrimSpace(string(b)))
	if err != nil {
		return nil, damaged(err)
	}
	return own, nil
}

// Parse reads an identity that is not locked, as age-keygen writes one: the
// first line that is no remark.
func Parse(text string) (*age.X25519Identity, error) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if own, err := age.ParseX25519Identity(line); err == nil {
			return own, nil
		}
		break
	}
	return nil, damaged(nil)
}

func damaged(cause error) error {
	return fault.Wrap(fault.Invalid, cause, "个人密钥文件已损坏，请使用下载时的原文件，不要用文字软件编辑")
}

// CheckRecipient refuses what is not the public half of an identity.
func CheckRecipient(s string) error {
	if r, err := age.ParseX25519Recipient(s); err != nil || r.String() != s {
		return fault.New(fault.Invalid, "公钥格式不对：应以 age1 开头，共 62 个字符；请在浏览器中重新生成密钥")
	}
	return nil
}
