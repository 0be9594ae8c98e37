package evaluation

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/law"
	"gongji/app/party"
	"gongji/app/procurement/draw"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// articleLots is what happens to equals where the documents say nothing (待核).
var articleLots = law.Cite("财政部令第87号第68条")

// CommitLots freezes which bids are tied for the first place, by the hash of
// the evaluation, so that lots can be drawn between them.
func (s *Service) CommitLots(ctx context.Context, who party.Actor, tenderID id.ID) error {
	return s.change(ctx, who, tenderID, "lots", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		e, r, err := Read(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		d := Draw{ID: id.New(now), Tender: t.ID, Purpose: draw.Tie, Round: 1, CommittedBy: who.Account, CommittedAt: now,
			Record: draw.File{Purpose: draw.Tie, Subject: e.SHA256, Number: t.No(), Pool: []draw.Entry{}}}
		for _, l := range r.Lines {
			if l.Rank == 1 && l.Tied {
				d.Record.Pool = append(d.Record.Pool, draw.Entry{Code: string(l.Bid)})
			}
		}
		if len(d.Record.Pool) < 2 {
			return fault.New(fault.Conflict, "排名第一的投标没有并列，不需要抽签")
		}
		d.Record.Needs = []draw.Need{{Number: 1, Alternates: len(d.Record.Pool) - 1}}
		d.Secret.Nonce = draw.Random(32)
		if err := d.Record.Commit(d.Secret.Nonce, now); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&d).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return note(ctx, tx, who, now, t.ID, "公布并列候选人抽签的校验值", d.Record.Commitment, articleLots, true)
	})
}

// DrawLots draws between the tied with what the supervisor types.
func (s *Service) DrawLots(ctx context.Context, who party.Actor, tenderID id.ID, value string) error {
	value = strings.TrimSpace(value)
	return s.change(ctx, who, tenderID, "draw", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		var c fault.Check
		c.Must(value != "" && utf8.RuneCountInString(value) <= 200, "value", "请输入公布之后才产生的数，例如当天公布的彩票开奖号码，不超过 200 字")
		if err := c.Err(); err != nil {
			return err
		}
		d, err := s.lastDraw(ctx, tx, t.ID, draw.Tie)
		if err != nil {
			return err
		}
		switch {
		case d.DrawnAt != nil:
			return fault.New(fault.Conflict, "已经抽过签")
		case d.CommittedBy == who.Account:
			return fault.New(fault.Forbidden, "公布名单的人不能输入种子，请由监督人输入")
		}
		if err := d.Record.Run(d.Secret.Nonce, value, now); err != nil {
			return err
		}
		d.DrawnBy, d.DrawnAt = &who.Account, &now
		if err := db.One(tx.NewUpdate().Model(&d).Column("record", "drawn_by", "drawn_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "并列候选人抽签", fmt.Sprintf("输入“%s”；种子 %s", value, d.Record.Seed), articleLots, true)
	})
}

// LotOrder is the order that lots gave the bids tied for the first place; nil
// where none were drawn.
func LotOrder(ctx context.Context, d bun.IDB, tenderID id.ID) ([]id.ID, error) {
	list, err := drawsOf(ctx, d, tenderID, draw.Tie)
	if err != nil || len(list) == 0 || list[0].DrawnAt == nil {
		return nil, err
	}
	o := list[0].Record.Orders[0]
	var out []id.ID
	for _, c := range append(o.Drawn, o.Alternates...) {
		out = append(out, id.ID(c))
	}
	return out, nil
}

// Lots is the draw between the tied, for the buyer; nil before it is committed.
func (s *Service) Lots(ctx context.Context, who party.Actor, tenderID id.ID) (*draw.File, error) {
	if err := s.May(ctx, who, tenderID, "ranking"); err != nil {
		return nil, err
	}
	list, err := s.files(ctx, tenderID, draw.Tie, false)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}
