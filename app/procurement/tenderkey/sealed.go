package tenderkey

import (
	"encoding/base64"

	"gongji/app/kernel/fault"
	"gongji/app/procurement/seal"
)

// Sealed is the key as the cryptography knows it, with every holder's part.
// The opening uses it; it holds no secret, and yet it is nobody's to read.
func (k Key) Sealed() (seal.Key, error) {
	out := k.Public()
	var err error
	if out.Wrapped, err = base64.StdEncoding.DecodeString(k.Wrapped); err != nil {
		return out, damaged(err)
	}
	for i, h := range k.Holders {
		if out.Shares[i].File, err = base64.StdEncoding.DecodeString(h.ShareFile); err != nil {
			return out, damaged(err)
		}
		out.Shares[i].WordHash = h.WordSHA256
	}
	return out, nil
}

func damaged(cause error) error {
	return fault.Wrap(fault.Unavailable, cause, "项目密钥的存档已损坏，请联系平台管理员核查")
}

// Public is the key as a holder's browser needs it: without the wrapped
// identity and without anybody's part.
func (k Key) Public() seal.Key {
	out := seal.Key{Tender: k.Tender, Recipient: k.Recipient, Commitment: k.Commitment, Threshold: k.Threshold, Generation: k.Generation}
	for _, h := range k.Holders {
		out.Shares = append(out.Shares, seal.SealedShare{Index: h.Place, Holder: h.sealed()})
	}
	return out
}

func (h Holder) sealed() seal.Holder { return seal.Holder{Account: h.Account, Recipient: h.Recipient} }

// recipients are the holders as the cryptography is told of them.
func (k Key) recipients() []seal.Holder {
	var out []seal.Holder
	for _, h := range k.Holders {
		out = append(out, h.sealed())
	}
	return out
}
