package opening

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/document"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// maxText bounds an objection and the remark on closing, in characters.
const maxText = 1000

// Answer takes what a bidder says to what was read of their bid: confirmed, or
// objected with a text. It may be changed until the opening is closed; whoever
// says nothing is taken to agree.
func (s *Service) Answer(ctx context.Context, who party.Actor, tenderID id.ID, kind AnswerKind, text string) (Answer, error) {
	text = strings.TrimSpace(text)
	var c fault.Check
	c.Must(kind == Confirmed || kind == Objected, "kind", "请选择“无异议”或“有异议”")
	c.Must(kind != Objected || text != "", "text", "请写明异议的内容，例如：唱出的报价与投标文件不一致")
	c.Must(len([]rune(text)) <= maxText, "text", "不超过 %d 字", maxText)
	if err := c.Err(); err != nil {
		return Answer{}, err
	}
	var a Answer
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now, rel := s.clock.Now(), tender.Relations(who, t)
		line, err := own(ctx, tx, who, tenderID)
		if err != nil {
			return err
		}
		if line != nil {
			rel = append(rel, "bidder."+string(who.Role))
		}
		o, err := read(ctx, tx, tenderID)
		if err == nil && o.State == Closed {
			return fault.New(fault.TooLate, "开标已经关闭，不能再答复；有异议的可以提出质疑")
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := s.require(rel, t, "confirm", now); err != nil {
			return err
		}
		a = Answer{ID: id.New(now), Tender: t.ID, Bid: line.Bid, Kind: kind, Text: text, At: now, By: who.Account}
		if _, err := tx.NewInsert().Model(&a).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		said := line.SupplierName + "：无异议"
		if kind == Objected {
			said = line.SupplierName + "：有异议：" + text
		}
		return say(ctx, tx, t.ID, now, Answered, Facts{Text: said, Supplier: line.SupplierName, Answer: &a})
	})
	s.watched.wake(tenderID)
	return a, err
}

// own is the line of the actor's organisation; nil where it has none yet.
func own(ctx context.Context, d bun.IDB, who party.Actor, tenderID id.ID) (*Line, error) {
	if who.Org == "" {
		return nil, nil
	}
	var list []Line
	err := d.NewSelect().Model(&list).Where("tender = ? AND supplier = ?", tenderID, who.Org).Limit(1).Scan(ctx)
	if err != nil || len(list) == 0 {
		return nil, db.Translate(err)
	}
	return &list[0], nil
}

// Close ends the opening: the 开标记录 is issued and the tender is opened, or
// ended where too few bids could be. remark says how objections were dealt
// with; it is asked for where there are some.
func (s *Service) Close(ctx context.Context, who party.Actor, tenderID id.ID, remark string) (Opening, error) {
	remark = strings.TrimSpace(remark)
	var o Opening
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now, rel := s.clock.Now(), tender.Relations(who, t)
		if o, err = read(ctx, tx, t.ID); err == nil && o.State == Closed && s.policy.Any(rel, "tender."+string(tender.Closed), "open") {
			return nil
		}
		if fault.Is(err, fault.NotFound) {
			err = nil
		}
		if err == nil {
			err = s.require(rel, t, "open", now)
		}
		if err != nil {
			return err
		}
		if o.State != Confirming {
			return fault.New(fault.Conflict, "投标还没有全部开启，不能关闭开标")
		}
		return s.close(ctx, tx, who, &t, &o, remark, now)
	})
	if err == nil {
		s.peek(tenderID).wipe()
		s.watched.wake(tenderID)
	}
	return o, err
}

func (s *Service) close(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, o *Opening, remark string, now time.Time) error {
	lines, err := Listed(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	answers, err := answersOf(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	var c fault.Check
	for _, a := range answers {
		if a.Kind == Objected && remark == "" && !c.Failed("remark") {
			c.Fail("remark", "有投标人提出异议，请写明如何处理，再关闭开标")
		}
	}
	c.Must(len([]rune(remark)) <= maxText, "remark", "不超过 %d 字", maxText)
	if err := c.Err(); err != nil {
		return err
	}
	set, err := t.RuleSet(o.OpenedAt)
	if err != nil {
		return err
	}
	standing := 0
	for _, l := range lines {
		if l.Failed == "" {
			standing++
		}
	}
	o.State, o.Remark, o.ClosedAt, o.Outcome = Closed, remark, &now, Done
	record := s.content(*t, *o, set)
	record.Closed, record.ClosedBy = &now, &document.Person{Name: who.Name, Role: roleName(who)}
	record.Bids, record.Objections = readOut(*t, lines, answers), objections(lines, answers)
	if least := leastStanding(set, t.Method); !least.AtLeast(int64(standing), 0) {
		why := fmt.Sprintf("收到投标 %d 份，其中 %d 份因投标人自身原因未能开启、视为撤回，余 %d 份，不足 %d 家，予以废标",
			o.Bidders, len(lines)-standing, standing, least.Value)
		o.Outcome, t.Reason = TooFew, why+"（"+least.Source()+"）"
		record.Ended = &document.NotOpened{Reason: why, Article: least.Source()}
		return s.finish(ctx, tx, who, t, o, record, lines, tender.Failed, "开标后废标，采购失败", why, least.Source())
	}
	text := fmt.Sprintf("收到投标 %d 份，开启 %d 份", o.Bidders, standing)
	return s.finish(ctx, tx, who, t, o, record, lines, tender.Opened, "开标", text, set.Of(t.Method, "opening_at_deadline").Source())
}

// fail ends the tender with the bids still closed: the record says how many
// came, not who.
func (s *Service) fail(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, o *Opening, why string, least rules.Rule) error {
	set, err := t.RuleSet(o.OpenedAt)
	if err != nil {
		return err
	}
	o.State, o.Outcome, o.ClosedAt = Closed, TooFew, &o.OpenedAt
	record := s.content(*t, *o, set)
	record.NotOpened = &document.NotOpened{Reason: why, Article: least.Source()}
	t.Reason = why + "（" + least.Source() + "）"
	if _, err := tx.NewInsert().Model(o).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	return s.finish(ctx, tx, who, t, o, record, nil, tender.Failed, "不予开标，采购失败", why, least.Source())
}

// finish issues the record and moves the tender on.
func (s *Service) finish(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, o *Opening, record document.OpeningRecord, lines []Line,
	to tender.State, action, text, article string) error {
	doc, err := s.Archive.Issue(ctx, tx, archive.Item{Kind: record.Kind(), OwnerKind: "tender", OwnerID: t.ID, Title: "开标记录 " + t.Title,
		Number: t.No(), Issuer: t.BuyerName, Code: record.Code, Content: record, Public: true,
		Facts: []archive.Fact{
			{Label: "项目", Value: t.Title}, {Label: "项目编号", Value: t.No()}, {Label: "结果", Value: result(record)},
			{Label: "截止时收到投标", Value: fmt.Sprintf("%d 份", o.Bidders)},
			{Label: "开标时间（北京时间）", Value: o.OpenedAt.In(clock.Beijing).Format("2006年1月2日 15:04:05")},
		}})
	if err != nil {
		return err
	}
	o.Record = &doc.ID
	if err := save(ctx, tx, o, "state", "outcome", "remark", "closed_at", "record"); err != nil {
		return err
	}
	if err := s.Tenders.Advance(ctx, tx, t, to); err != nil {
		return err
	}
	if err := emit(ctx, tx, *t, *o, lines); err != nil {
		return err
	}
	if err := say(ctx, tx, t.ID, *o.ClosedAt, Ended, Facts{Text: text, Outcome: o.Outcome, Record: o.Record}); err != nil {
		return err
	}
	return note(ctx, tx, who, *o.ClosedAt, t.ID, action, text, article)
}

func result(c document.OpeningRecord) string {
	switch {
	case c.NotOpened != nil:
		return "不予开标"
	case c.Ended != nil:
		return "开标后废标"
	}
	return "已开标"
}
