package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// OfferFormat names the JSON inside a sealed last offer (最后报价).
const OfferFormat = "gongji-last-offer-1"

// OfferSize is the size of every last offer's plaintext, in bytes: JSON and
// then spaces, so that the size says nothing at all.
const OfferSize = 4096

// MaxOffer is more than any sealed last offer has, in bytes.
const MaxOffer = 32 << 10

// LastOffer is what a supplier offers at the end of a 磋商 or 谈判.
type LastOffer struct {
	Format   string    `json:"format"`
	Tender   id.ID     `json:"tender"`
	Supplier id.ID     `json:"supplier"`
	Round    id.ID     `json:"round"`
	Price    money.Fen `json:"price"`              // 分: the total, or the unit price where the tender has a unit ceiling
	Delivery string    `json:"delivery,omitempty"` // what of the promise changes with it
}

// OfferFormFormat names the JSON that a last offer is made from offline.
const OfferFormFormat = "gongji-last-offer-form-1"

// OfferForm is what a supplier needs to seal a last offer without asking the
// platform anything. Limit is what the price is held to, nil where unknown.
type OfferForm struct {
	Tender    id.ID      `json:"tender"`
	Supplier  id.ID      `json:"supplier"`
	Round     id.ID      `json:"round"`
	Title     string     `json:"title"`
	DueAt     time.Time  `json:"due_at"`
	Recipient string     `json:"recipient"`
	Limit     *money.Fen `json:"limit,omitempty"`
}

// PackOffer seals a last offer to the tender's recipient and the bidder's own.
func PackOffer(o LastOffer, recipient string, own []string) ([]byte, error) {
	o.Format = OfferFormat
	b, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	if len(b) > OfferSize {
		return nil, bad("对交付承诺的调整过长，请精简")
	}
	b = append(b, bytes.Repeat([]byte(" "), OfferSize-len(b))...)
	return Own(b, append([]string{recipient}, own...))
}

// CheckOffer refuses what is no sealed last offer: not encrypted, or of a size
// that tells something.
func CheckOffer(sealed []byte) error {
	n, err := header(sealed)
	if err != nil {
		return err
	}
	if int64(len(sealed)) != SealedSize(n, OfferSize) {
		return bad("加密后的最后报价大小不对，平台不接收；请在最后报价页面加密后提交，或用 gongji offer 加密")
	}
	return nil
}

// ReadOffer takes a last offer's plaintext apart, strictly. What is wrong with
// it is fault.Invalid; an error of r comes through as it is.
func ReadOffer(r io.Reader) (LastOffer, error) {
	var o LastOffer
	b, err := io.ReadAll(io.LimitReader(r, OfferSize+1))
	if err != nil {
		return o, err
	}
	if len(b) != OfferSize || !utf8.Valid(b) {
		return o, bad("最后报价的内容不完整")
	}
	if err := namesOnce(json.NewDecoder(bytes.NewReader(b))); err != nil {
		return o, fault.Wrap(fault.Invalid, err, "最后报价的格式不对")
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return o, fault.Wrap(fault.Invalid, err, "最后报价的格式不对")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return o, bad("最后报价之后还有其他内容")
	}
	var c fault.Check
	c.Must(o.Format == OfferFormat, "format", "最后报价的格式不是 %s", OfferFormat)
	c.Adopt("price", money.Accept(o.Price))
	c.Must(o.Price > 0, "price", "最后报价应大于 0 元")
	tooLong(&c, "delivery", o.Delivery, MaxDelivery)
	return o, c.Err()
}
