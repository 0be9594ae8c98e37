package seal

import (
	"bytes"
	"errors"

	"filippo.io/age"
)

// Own encrypts something of a bidder's, a draft or its attachment, to their
// own people's recipients. It is the client's half, for tests and the
// demonstration; no tender's key opens it.
func Own(content []byte, to []string) ([]byte, error) {
	var list []age.Recipient
	for _, s := range to {
		r, err := age.ParseX25519Recipient(s)
		if err != nil {
			return nil, bad("公钥“%s”格式不对：应以 age1 开头，共 62 个字符", s)
		}
		list = append(list, r)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, list...)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(content)
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}
