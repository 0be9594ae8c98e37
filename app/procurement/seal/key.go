package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"

	"filippo.io/age"
	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"
	"golang.org/x/crypto/chacha20poly1305"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

// How many must hold a key. One holder alone must never be enough.
const (
	LeastThreshold = 2
	MostHolders    = 15
)

var ristretto = group.Ristretto255

// Holder is one person who shall hold a share, and their own recipient.
type Holder struct {
	Account   id.ID  `json:"account"`
	Recipient string `json:"recipient"` // age1…
}

// Key is a tender's key as it may be kept and published: no secret is in it.
type Key struct {
	Tender id.ID `json:"tender"`
	// Recipient is what bids are encrypted to. It outlives a re-share.
	Recipient string `json:"recipient"`
	// Wrapped is the tender's identity under XChaCha20-Poly1305.
	Wrapped []byte `json:"wrapped"`
	// Commitment has Threshold points; shares are checked against them.
	Commitment [][]byte `json:"commitment"`
	Threshold  int      `json:"threshold"`
	// Generation is 1 at the ceremony and one more after each re-share, which
	// makes all earlier shares useless with this Key.
	Generation int           `json:"generation"`
	Shares     []SealedShare `json:"shares"`
}

// SealedShare is a holder's share as it may be kept: only the holder opens it.
type SealedShare struct {
	Index  int    `json:"index"` // from 1
	Holder Holder `json:"holder"`
	// File is a binary age file to the holder's recipient (see ShareFile);
	// empty after a re-share until the holder has combined theirs.
	File []byte `json:"file,omitempty"`
	// WordHash is the SHA-256, in hexadecimal, of the word in the file. Who
	// says the word has opened the file.
	WordHash string `json:"word_hash,omitempty"`
}

// Generate makes a tender's key and forgets it: after it returns the secret
// exists only as shares in files that the holders open. Any threshold of the
// holders can recover it; fewer learn nothing.
func Generate(tender id.ID, threshold int, holders []Holder) (Key, error) {
	if err := checkHolders(threshold, holders); err != nil {
		return Key{}, err
	}
	own, err := age.GenerateX25519Identity()
	if err != nil {
		return Key{}, err
	}
	secret := ristretto.RandomNonZeroScalar(rand.Reader)
	defer secret.SetUint64(0)
	k := Key{Tender: tender, Recipient: own.Recipient().String(), Threshold: threshold, Generation: 1}
	if k.Wrapped, err = wrap(secret, k, own.String()); err != nil {
		return Key{}, err
	}
	split := secretsharing.New(rand.Reader, uint(threshold-1), secret)
	if k.Commitment, err = marshalPoints(split.CommitSecret()); err != nil {
		return Key{}, err
	}
	for i, h := range holders {
		share := Share{Index: i + 1, value: split.ShareWithID(scalar(i + 1)).Value}
		sealed, err := k.Lock(share, h)
		if err != nil {
			return Key{}, err
		}
		k.Shares = append(k.Shares, sealed)
	}
	return k, nil
}

func checkHolders(threshold int, holders []Holder) error {
	switch {
	case threshold < LeastThreshold:
		return bad("开启密钥至少需要 %d 名密钥保管人同时在场", LeastThreshold)
	case len(holders) < threshold:
		return bad("密钥保管人有 %d 名，少于开启所需的 %d 名", len(holders), threshold)
	case len(holders) > MostHolders:
		return bad("密钥保管人最多 %d 名", MostHolders)
	}
	people, keys := map[id.ID]bool{}, map[string]bool{}
	for _, h := range holders {
		if _, err := age.ParseX25519Recipient(h.Recipient); err != nil {
			return bad("密钥保管人的公钥格式不对，请其重新生成个人密钥")
		}
		if people[h.Account] || keys[h.Recipient] {
			return bad("同一人不能保管两份密钥，请另选一名密钥保管人")
		}
		people[h.Account], keys[h.Recipient] = true, true
	}
	return nil
}

// Check reads a share as its holder gave it and refuses one that is not of
// this key.
func (k Key) Check(text string) (Share, error) {
	s, err := parseShare(text)
	if err != nil {
		return Share{}, err
	}
	return s, k.fits(s)
}

// fits refuses a share that the key's commitment does not know.
func (k Key) fits(s Share) error {
	if s.Index > len(k.Shares) {
		return bad("密钥份额的序号是 %d，但本项目只有 %d 份，请核对是否拿错了其他项目的份额", s.Index, len(k.Shares))
	}
	points, err := k.points()
	if err != nil {
		return err
	}
	if !secretsharing.Verify(uint(k.Threshold-1), s.shamir(), points) {
		return bad("这份密钥份额与本项目现在的密钥不符：可能是其他项目的份额，或更换保管人之前的旧份额")
	}
	return nil
}

// Recover puts the tender's identity together in memory. Shares must have come
// through Check; more than the threshold do no harm.
func (k Key) Recover(shares []Share) (*Opener, error) {
	points, err := k.points()
	if err != nil {
		return nil, err
	}
	var distinct []secretsharing.Share
	seen := map[int]bool{}
	for _, s := range shares {
		if s.value == nil || seen[s.Index] {
			continue
		}
		if !secretsharing.Verify(uint(k.Threshold-1), s.shamir(), points) {
			return nil, bad("第 %d 份密钥份额与本项目的密钥不符", s.Index)
		}
		seen[s.Index] = true
		distinct = append(distinct, s.shamir())
	}
	if len(distinct) < k.Threshold {
		return nil, bad("开启需要 %d 份密钥份额，现在只有 %d 份", k.Threshold, len(distinct))
	}
	secret, err := secretsharing.Recover(uint(k.Threshold-1), distinct)
	if err != nil {
		return nil, err
	}
	defer secret.SetUint64(0)
	text, err := unwrap(secret, k)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "项目密钥的存档已损坏，不能开启，请联系平台管理员核查")
	}
	own, err := age.ParseX25519Identity(text)
	if err != nil || own.Recipient().String() != k.Recipient {
		return nil, fault.New(fault.Unavailable, "项目密钥的存档与公布的公钥不符，不能开启，请联系平台管理员核查")
	}
	return &Opener{own: own}, nil
}

// wrap locks the identity's text under a key that only the scalar gives. The
// tender and the recipient are bound to it.
func wrap(secret group.Scalar, k Key, text string) ([]byte, error) {
	aead, err := wrapper(secret, k)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	_, _ = rand.Read(nonce)
	return aead.Seal(nonce, nonce, []byte(text), bound(k)), nil
}

func unwrap(secret group.Scalar, k Key) (string, error) {
	aead, err := wrapper(secret, k)
	if err != nil {
		return "", err
	}
	if len(k.Wrapped) < chacha20poly1305.NonceSizeX {
		return "", errors.New("wrapped identity is too short")
	}
	nonce, box := k.Wrapped[:chacha20poly1305.NonceSizeX], k.Wrapped[chacha20poly1305.NonceSizeX:]
	text, err := aead.Open(nil, nonce, box, bound(k))
	return string(text), err
}

func bound(k Key) []byte {
	return []byte("gongji-tender-key-1\n" + string(k.Tender) + "\n" + k.Recipient)
}

type aead interface {
	Seal(dst, nonce, plaintext, additional []byte) []byte
	Open(dst, nonce, ciphertext, additional []byte) ([]byte, error)
}

func wrapper(secret group.Scalar, k Key) (aead, error) {
	b, err := secret.MarshalBinary()
	if err != nil {
		return nil, err
	}
	defer clear(b)
	key, err := hkdf.Key(sha256.New, b, []byte(k.Tender), "gongji-tender-key-1", chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return chacha20poly1305.NewX(key)
}

// Opener holds a tender's identity in memory, for the opening only.
type Opener struct{ own *age.X25519Identity }

// Open decrypts a sealed bid. A file that was not made for this tender or was
// altered is fault.Invalid, here or from the reader; what r itself fails with
// comes through as it is.
func (o *Opener) Open(r io.Reader) (io.Reader, error) {
	if o.own == nil {
		return nil, fault.New(fault.Unavailable, "密钥已从内存清除，请密钥保管人重新输入口令")
	}
	return decrypt(r, o.own, "文件不是用本项目的公钥加密的，无法解密")
}

// OpenOwn decrypts a bidder's own copy with one of their own people's
// identities. It is the client's half.
func OpenOwn(own age.Identity, r io.Reader) (io.Reader, error) {
	return decrypt(r, own, "这份文件没有加密给您的个人密钥，请换用加密时所列的密钥")
}

// Wipe forgets the identity. The Go runtime may have copied it; the process
// should not live long after an opening, and must not be dumped.
func (o *Opener) Wipe() { o.own = nil }

// decrypt opens an age file for one identity and keeps blame in order.
func decrypt(r io.Reader, own age.Identity, stranger string) (io.Reader, error) {
	src := &source{r: r}
	plain, err := age.Decrypt(src, own)
	if err != nil {
		if errors.Is(err, age.ErrIncorrectIdentity) {
			return nil, src.blame(err, "%s", stranger)
		}
		return nil, src.blame(err, "文件不是完整的加密文件，或已被改动，无法解密")
	}
	return &opened{src, plain}, nil
}

type opened struct {
	src   *source
	plain io.Reader
}

func (o *opened) Read(p []byte) (int, error) {
	n, err := o.plain.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // the bare end only: a wrapped one is a cut file
		err = o.src.blame(err, "加密文件不完整或已被改动，无法解密")
	}
	return n, err
}
