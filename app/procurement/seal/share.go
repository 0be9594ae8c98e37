package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"filippo.io/age"
	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
)

// ShareFormat is the format of what a holder's file holds.
const ShareFormat = "gongji-share-1"

// Share is one holder's part of a tender's secret.
type Share struct {
	Index int // from 1
	value group.Scalar
}

// ShareFile is what a holder's age file holds. Share is the text that opens;
// Word is what the holder says at the rehearsal instead.
type ShareFile struct {
	Format     string `json:"format"`
	Tender     id.ID  `json:"tender"`
	Generation int    `json:"generation"`
	Index      int    `json:"index"`
	Share      string `json:"share"`
	Word       string `json:"word"`
}

// Text is gongji-share-1-<index>-<base64url of the scalar and a checksum>. It
// fails only for a share that nothing of this package made.
func (s Share) Text() (string, error) {
	if s.value == nil {
		return "", errors.New("a share without its scalar")
	}
	b, err := s.value.MarshalBinary()
	if err != nil {
		return "", err
	}
	defer clear(b)
	return ShareFormat + "-" + strconv.Itoa(s.Index) + "-" + base64.RawURLEncoding.EncodeToString(append(slices.Clip(b), sumOf(s.Index, b)...)), nil
}

// sumOf finds a share that was copied badly before any curve does.
func sumOf(index int, scalar []byte) []byte {
	h := sha256.Sum256(append([]byte(ShareFormat+"-"+strconv.Itoa(index)+"-"), scalar...))
	return h[:4]
}

func (s Share) shamir() secretsharing.Share {
	return secretsharing.Share{ID: scalar(s.Index), Value: s.value}
}

func scalar(n int) group.Scalar { return ristretto.NewScalar().SetUint64(uint64(n)) }

func parseShare(text string) (Share, error) {
	text = strings.TrimSpace(text)
	rest, ok := strings.CutPrefix(text, ShareFormat+"-")
	if !ok {
		return Share{}, bad("密钥份额应以 %s 开头", ShareFormat)
	}
	no, body, _ := strings.Cut(rest, "-")
	index, err := strconv.Atoi(no)
	if err != nil || index < 1 || index > MostHolders || strconv.Itoa(index) != no {
		return Share{}, bad("密钥份额的序号不对，请完整复制份额")
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil || len(b) != 36 || !bytes.Equal(b[32:], sumOf(index, b[:32])) {
		return Share{}, bad("密钥份额不完整或抄写有误，请完整复制份额")
	}
	v := ristretto.NewScalar()
	if v.UnmarshalBinary(b[:32]) != nil {
		return Share{}, bad("密钥份额不完整或抄写有误，请完整复制份额")
	}
	return Share{Index: index, value: v}, nil
}

// Lock writes a share into the age file of its holder, with a new word.
func (k Key) Lock(s Share, h Holder) (SealedShare, error) {
	text, err := s.Text()
	if err != nil {
		return SealedShare{}, err
	}
	word := id.Code(26)
	b, err := json.Marshal(ShareFile{Format: ShareFormat, Tender: k.Tender, Generation: k.Generation,
		Index: s.Index, Share: text, Word: word})
	if err != nil {
		return SealedShare{}, err
	}
	defer clear(b)
	file, err := lock(b, h.Recipient)
	if err != nil {
		return SealedShare{}, err
	}
	return SealedShare{Index: s.Index, Holder: h, File: file, WordHash: HashWord(word)}, nil
}

// HashWord is what is kept of a word.
func HashWord(word string) string {
	h := sha256.Sum256([]byte(strings.TrimSpace(word)))
	return hex.EncodeToString(h[:])
}

func lock(b []byte, recipient string) ([]byte, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, bad("密钥保管人的公钥格式不对，请其重新生成个人密钥")
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(b)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// OpenShare opens a holder's file. It is the client's half: the server never
// has the identity.
func OpenShare(own age.Identity, file []byte) (ShareFile, error) {
	var f ShareFile
	err := unlock(own, file, &f)
	if err == nil && f.Format != ShareFormat {
		err = bad("这不是密钥份额文件")
	}
	return f, err
}

func unlock(own age.Identity, file []byte, v any) error {
	r, err := age.Decrypt(bytes.NewReader(file), own)
	if err != nil {
		if errors.Is(err, age.ErrIncorrectIdentity) {
			return bad("这份文件不是给您的个人密钥的，请换用收到份额时的那把个人密钥")
		}
		return fault.Wrap(fault.Invalid, err, "密钥份额文件已损坏")
	}
	b, err := io.ReadAll(io.LimitReader(r, 64<<10))
	if err != nil {
		return fault.Wrap(fault.Invalid, err, "密钥份额文件已损坏")
	}
	defer clear(b)
	if err := json.Unmarshal(b, v); err != nil {
		return fault.Wrap(fault.Invalid, err, "密钥份额文件已损坏")
	}
	return nil
}
