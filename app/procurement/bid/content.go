package bid

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// Content is everything a bidder offers.
type Content struct {
	Tender   id.ID     `json:"tender"`
	Supplier id.ID     `json:"supplier"`
	Price    money.Fen `json:"price"` // 分: the total, or the unit price where the tender has a unit ceiling
	Delivery string    `json:"delivery"`
	Answers  []Answer  `json:"answers"` // in the order of the scoring table
	Files    []File    `json:"files"`   // in the order they were uploaded
}

// Answer is what a bidder says to one line of the scoring table.
type Answer struct {
	Criterion string `json:"criterion"`
	Name      string `json:"name"` // of the criterion, as it read then
	Text      string `json:"text"`
}

// File is an attachment as it was when the version was sent.
type File struct {
	ID     id.ID  `json:"id"`
	Slot   string `json:"slot,omitempty"`
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// Payload is a version's content as it is stored: opaque to everything except
// pack and unpack.
type Payload string

// pack freezes content. The hash covers the attachments through their own.
func pack(c Content) (Payload, string, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return "", "", err
	}
	return Payload(b), sum(b), nil
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// unpack is the only reader of a payload. A payload that does not match its
// hash was tampered with or damaged, and is not read.
func unpack(v Version) (Content, error) {
	var c Content
	if subtle.ConstantTimeCompare([]byte(sum([]byte(v.Payload))), []byte(v.SHA256)) != 1 {
		return c, fault.New(fault.Unavailable, "投标内容与提交时的校验值不一致，已停止读取，请联系平台管理员核查")
	}
	return c, json.Unmarshal([]byte(v.Payload), &c)
}
