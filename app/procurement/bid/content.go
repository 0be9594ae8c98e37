package bid

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/attachment"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/storage/db"
)

// Content is everything a bidder offers, as the opening found it.
type Content struct {
	Tender   id.ID     `json:"tender"`
	Supplier id.ID     `json:"supplier"`
	Price    money.Fen `json:"price"` // 分: the total, or the unit price where the tender has a unit ceiling
	Delivery string    `json:"delivery"`
	Answers  []Answer  `json:"answers"` // in the order of the scoring table
	Files    []File    `json:"files"`   // in the order the bidder packed them
}

// Answer is what a bidder says to one line of the scoring table.
type Answer struct {
	Criterion string `json:"criterion"`
	Name      string `json:"name"` // of the criterion, as it read then
	Text      string `json:"text"`
}

// File is an attachment that was inside the sealed bid.
type File struct {
	ID     id.ID  `json:"id"`
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

type opened struct {
	bun.BaseModel `bun:"table:opened_bid"`

	Bid      id.ID     `bun:"bid,pk"`
	Tender   id.ID     `bun:"tender"`
	Version  int       `bun:"version"`
	Content  string    `bun:"content"` // JSON of Content
	OpenedAt time.Time `bun:"opened_at"`
}

// Keep writes down what the opening read in a bid. Only the opening calls it,
// in the transaction that reads the bid out.
func Keep(ctx context.Context, tx bun.IDB, r Received, c Content, at time.Time) error {
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&opened{Bid: r.Bid, Tender: c.Tender, Version: r.Version, Content: string(b), OpenedAt: at}).Exec(ctx)
	return db.Translate(err)
}

// Content reads the version that was opened: its bidder from then on, the
// buyer and the panel once the opening is over and where policy lets them.
// number 0 means that version; there is no other to be read here.
func (s *Service) Content(ctx context.Context, who party.Actor, bid id.ID, number int) (Version, Content, error) {
	b, t, err := s.both(ctx, s.db, bid)
	if err != nil {
		return Version{}, Content{}, err
	}
	if err := s.require(ctx, s.db, who, t, b, "read", s.clock.Now()); err != nil {
		return Version{}, Content{}, err
	}
	var o opened
	if err := db.Found(s.db.NewSelect().Model(&o).Where("bid = ?", bid).Scan(ctx), "投标内容"); err != nil {
		if fault.Is(err, fault.NotFound) {
			err = fault.New(fault.NotFound, "这份投标没有开启，平台也读不了它的内容；本单位可以下载密封文件，用自己的密钥打开")
		}
		return Version{}, Content{}, err
	}
	if number != 0 && number != o.Version {
		return Version{}, Content{}, fault.New(fault.NotFound, "这一版没有开启，只能查看截止时有效的第 %d 版", o.Version)
	}
	v, err := readVersion(ctx, s.db, bid, o.Version)
	if err != nil {
		return v, Content{}, err
	}
	var c Content
	return v, c, json.Unmarshal([]byte(o.Content), &c)
}

// OpenFile opens a file that came out of a bid, for whoever may read it.
func (s *Service) OpenFile(ctx context.Context, who party.Actor, bid id.ID, number int, file id.ID) (attachment.Attachment, io.ReadCloser, error) {
	_, c, err := s.Content(ctx, who, bid, number)
	if err != nil {
		return attachment.Attachment{}, nil, err
	}
	for _, f := range c.Files {
		if f.ID == file {
			return s.files.OpenKept(ctx, file)
		}
	}
	return attachment.Attachment{}, nil, fault.New(fault.NotFound, "这一版投标文件中没有这个附件")
}

// MayOpened is the authorisation function of OpenedKind: a file of an opened
// bid is for whoever may read the bid. Nobody adds to it.
func (s *Service) MayOpened(ctx context.Context, who party.Actor, bid id.ID, action string) error {
	if action == "view" {
		action = "read"
	}
	return s.May(ctx, who, bid, action)
}
