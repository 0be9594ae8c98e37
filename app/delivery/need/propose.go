package need

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/survey"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/organisation"
	"gongji/storage/db"
)

// The platform's own limits of proposals to one community a day: from one
// network address, and in all.
const (
	proposalsHere = 3
	proposalsADay = 60
)

// codeLength is how many characters the code of a proposal has: 60 random bits.
const codeLength = 12

// Proposing is a proposal as typed. No name is asked for.
type Proposing struct {
	Community id.ID  `json:"community" description:"向哪个街道、社区提出"`
	Title     string `json:"title"`
	Body      string `json:"body" description:"现在怎样，希望怎样；不要写姓名、电话、住址"`
	People    string `json:"people,omitempty" description:"为谁，大约多少人"`
}

func (in Proposing) check(p *Proposal) error {
	var c fault.Check
	var hid [3]bool
	p.Title, hid[0] = survey.Masked(strings.TrimSpace(in.Title))
	p.Body, hid[1] = survey.Masked(strings.TrimSpace(in.Body))
	p.People, hid[2] = survey.Masked(strings.TrimSpace(in.People))
	p.Masked = hid[0] || hid[1] || hid[2]
	c.Must(in.Community != "", "community", "请选择向哪个街道或社区提出")
	c.Must(p.Title != "" && utf8.RuneCountInString(p.Title) <= 40, "title", "请用一句话说出需要什么，不超过 40 个字")
	n := utf8.RuneCountInString(p.Body)
	c.Must(n >= 10 && n <= 500, "body", "请写明现在怎样、希望怎样，10 至 500 个字")
	c.Must(utf8.RuneCountInString(p.People) <= 60, "people", "不超过 60 个字")
	return c.Err()
}

// Propose takes a proposal of anybody and gives the code that its answer is
// read by, this once: only its hash is kept. Nobody but the community's people
// reads it until they decide. It is limited by network address and day
// (TooMany); the address is kept only as a hash whose salt is thrown away.
func (s *Service) Propose(ctx context.Context, in Proposing, address string) (p Proposal, code string, err error) {
	if err := s.policy.Require(party.Actor{}.Relations(), ProposalKind+".new", "propose"); err != nil {
		return p, "", err
	}
	if err := in.check(&p); err != nil {
		return p, "", err
	}
	if p.Origin, err = s.voices.Origin(ctx, in.Community, address); err != nil {
		return p, "", err
	}
	code = id.Code(codeLength)
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		// The community's row is locked: the counts below cannot be overtaken.
		var o organisation.Organisation
		err := db.Lock(tx.NewSelect().Model(&o).Where("id = ? AND kind = ? AND state = ?", in.Community, party.Community, organisation.Approved)).Scan(ctx)
		if err = db.Found(err, "街道或社区"); fault.Is(err, fault.NotFound) {
			var c fault.Check
			c.Fail("community", "请选择已在平台登记的街道或社区")
			return c.Err()
		}
		if err != nil {
			return err
		}
		now := s.clock.Now()
		day := today(now)
		p.ID, p.Code, p.State = id.New(day), proposalHash(code), Waiting
		p.Community, p.CommunityName, p.OnDay, p.AnswerDue = o.ID, o.Name, day, day.AddDate(0, 0, AnswerDays+1)
		var n struct {
			Here    int `bun:"here"`
			All     int `bun:"all_day"`
			Waiting int `bun:"waiting"`
		}
		if err := tx.NewSelect().Model((*Proposal)(nil)).
			ColumnExpr("COALESCE(SUM(CASE WHEN origin = ? THEN 1 ELSE 0 END), 0) AS here", p.Origin).
			ColumnExpr("COALESCE(SUM(CASE WHEN on_day = ? THEN 1 ELSE 0 END), 0) AS all_day", day).
			ColumnExpr("COALESCE(SUM(CASE WHEN state = ? THEN 1 ELSE 0 END), 0) AS waiting", Waiting).
			Where("community = ?", o.ID).Scan(ctx, &n); err != nil {
			return db.Translate(err)
		}
		if n.Here >= proposalsHere || n.All >= proposalsADay {
			return fault.New(fault.TooMany, "这里今天提出的议题已经很多，请明天再来，或当面告诉社区")
		}
		if _, err := tx.NewInsert().Model(&p).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		if n.Waiting > 0 {
			return nil // one message is enough until they are read
		}
		return inbox.Send(ctx, tx, now, []inbox.To{{Organisation: o.ID}}, inbox.Letter{Title: "有居民提出议题，请看一看",
			Text: "来自公开入口，没有核实身份。请在 15 日内列为议题、并入已有议题，或写明理由不采纳。", Link: "/needs/proposals"})
	})
	if err != nil {
		return Proposal{}, "", err
	}
	return p, code, nil
}

func proposalHash(code string) string {
	sum := sha256.Sum256([]byte("gongji-proposal-1:" + code))
	return hex.EncodeToString(sum[:])
}

// Proposed is what became of a proposal, for who has its code; NotFound for no
// such code. Need is what it became or was merged into, nil before that.
func (s *Service) Proposed(ctx context.Context, code string) (p Proposal, n *Need, err error) {
	wrong := fault.New(fault.NotFound, "没有这个查询码，请核对以后再输一次")
	if code = survey.Folded(code); code == "" {
		return p, nil, wrong
	}
	err = db.Found(s.db.NewSelect().Model(&p).Where("code = ?", proposalHash(code)).Scan(ctx), "提议")
	if fault.Is(err, fault.NotFound) {
		return p, nil, wrong
	}
	if err != nil || p.Need == nil {
		return p, nil, err
	}
	x, err := read(ctx, s.db, *p.Need)
	return p, &x, err
}
