// Package signature is the platform's own signature: one Ed25519 key, whose
// notes (golang.org/x/mod/sumdb/note) stand at the end of every issued PDF and
// in the JSON beside it, and which anybody checks offline with the public key.
//
// A signature says that this platform issued exactly these bytes with these
// facts. It does not say that a document still stands: whether it has been
// voided only the platform's page knows.
package signature

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// fileName is where a key is kept in the data folder, for its owner alone.
const fileName = "signing.key"

// Key signs. Printing one shows its public half.
type Key struct {
	signer note.Signer
	public string
}

// Public is the public half, as /.well-known/gongji-key gives it and
// gongji verify --key takes it: name+hash+key.
func (k *Key) Public() string { return k.public }

// String keeps the private half out of logs.
func (k *Key) String() string { return k.public }

// GoString keeps it out of %#v too.
func (k *Key) GoString() string { return k.public }

// New makes a key, and its secret to be kept.
func New(name string) (k *Key, secret string, err error) {
	if secret, _, err = note.GenerateKey(rand.Reader, named(name)); err != nil {
		return nil, "", err
	}
	k, err = Parse(secret)
	return k, secret, err
}

// named makes a key's name of a host: no spaces, no plus sign.
func named(host string) string {
	host = strings.Join(strings.FieldsFunc(host, func(r rune) bool { return r == '+' || r <= ' ' }), "")
	if host == "" {
		return "gongji"
	}
	return host
}

// Parse reads a secret of New. Its error does not repeat the secret.
func Parse(secret string) (*Key, error) {
	broken := errors.New("签名密钥格式不对，应以 PRIVATE+KEY+ 开头；可用 gongji key new 生成")
	secret = strings.TrimSpace(secret)
	signer, err := note.NewSigner(secret)
	if err != nil {
		return nil, broken
	}
	parts := strings.SplitN(secret, "+", 5)
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return nil, broken
	}
	public, ok := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return nil, broken
	}
	text, err := note.NewEd25519VerifierKey(signer.Name(), public)
	return &Key{signer, text}, err
}

// Made reports whether a data folder has a key already.
func Made(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, fileName))
	return err == nil
}

// Load gives the platform's key: secret where the operator set one (replicas
// must share it), else the file in the data folder, which the first start
// makes for host. With neither folder nor secret it is a new key of this
// process alone.
func Load(dir, secret, host string) (*Key, error) {
	if secret != "" {
		return Parse(secret)
	}
	if dir == "" {
		k, _, err := New(host)
		return k, err
	}
	path := filepath.Join(dir, fileName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create(dir, path, host); err != nil {
			return nil, fmt.Errorf("不能生成签名密钥 %s：%w", path, err)
		}
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("不能读取签名密钥 %s：%w", path, err)
	}
	k, err := Parse(string(b))
	if err != nil {
		return nil, fmt.Errorf("%s：%w", path, err)
	}
	return k, nil
}

// create makes the file whole or not at all; of two processes that start at
// once, one wins and both read its key.
func create(dir, path, host string) error {
	_, secret, err := New(host)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".signing-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(secret + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
