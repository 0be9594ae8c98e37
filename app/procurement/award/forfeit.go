package award

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/law"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/standing"
	"gongji/app/procurement/evaluation"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/tender"
	"gongji/storage/db"
)

// ForfeitBy is the article that lets the buyer take the next candidate of the
// report, or buy anew, where the supplier of a result signs no contract.
var ForfeitBy = law.Cite("政府采购法实施条例第49条")

// Cause is why the supplier of a published result signs no contract.
type Cause string

// The causes.
const (
	RefusedToSign Cause = "refused"  // 拒绝签订或者放弃
	Listed        Cause = "barred"   // 被列入信用名单: the system checks it
	Unsigned      Cause = "unsigned" // the time to sign is over
	Unable        Cause = "unable"   // 不可抗力, 丧失履行能力
)

var causeNames = map[Cause]string{RefusedToSign: "拒绝签订合同或者放弃中标（成交）", Listed: "被列入信用名单，其间不能签订合同",
	Unsigned: "签订期限届满，没有签订合同", Unable: "因不可抗力或者丧失履行能力，不能履行"}

// Name is the cause in Chinese.
func (c Cause) Name() string { return causeNames[c] }

// Causes lists the causes in order.
func Causes() []Cause { return []Cause{RefusedToSign, Listed, Unsigned, Unable} }

// Course is what the buyer does after a result was given up.
type Course string

// The courses.
const (
	Following Course = "next"  // 按候选人名单排序确定下一候选人
	Anew      Course = "again" // 重新开展政府采购活动
)

// Name is the course in Chinese.
func (c Course) Name() string {
	return map[Course]string{Following: "按评审排序确定下一候选人", Anew: "终止本次采购，重新开展采购活动"}[c]
}

// Forfeit is a result that comes to nothing before a contract was signed: put
// forward by one person of the buyer, decided by another, then public.
type Forfeit struct {
	bun.BaseModel `bun:"table:award_forfeit"`

	ID           id.ID      `bun:"id,pk" json:"id"`
	Tender       id.ID      `bun:"tender" json:"tender"`
	Award        id.ID      `bun:"award" json:"award"`
	Supplier     id.ID      `bun:"supplier" json:"supplier"`
	SupplierName string     `bun:"supplier_name" json:"supplier_name"`
	Cause        Cause      `bun:"cause" json:"cause" enum:"refused,barred,unsigned,unable"`
	Basis        string     `bun:"basis" json:"basis,omitempty"` // what the system knows of the cause
	Reason       string     `bun:"reason" json:"reason"`
	Course       Course     `bun:"course" json:"course" enum:"next,again"`
	State        State      `bun:"state" json:"state" enum:"proposed,returned,approved"`
	ProposedBy   id.ID      `bun:"proposed_by" json:"-"`
	ProposedAt   time.Time  `bun:"proposed_at" json:"proposed_at"`
	DecidedBy    *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt    *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	Note         string     `bun:"note" json:"note,omitempty"` // why it was sent back
}

// Says is the forfeit in one sentence, as it is published.
func (f Forfeit) Says() string {
	out := "“" + f.SupplierName + "”" + f.Cause.Name()
	if f.Basis != "" {
		out += "（" + f.Basis + "）"
	}
	return out + "：" + strings.TrimSuffix(f.Reason, "。") + "。" + f.Course.Name()
}

// ForfeitInput is a forfeit as the officer enters it.
type ForfeitInput struct {
	Cause  Cause  `json:"cause" enum:"refused,barred,unsigned,unable" description:"供应商不能签订合同的情形"`
	Reason string `json:"reason" description:"事实和理由，将公布"`
	Course Course `json:"course" enum:"next,again" description:"确定下一候选人，或者重新开展采购"`
}

// Forfeit puts forward that the supplier of the published result signs no
// contract, and what follows (政府采购法实施条例第49条).
func (s *Service) Forfeit(ctx context.Context, who party.Actor, tenderID id.ID, in ForfeitInput) (Forfeit, error) {
	in.Reason = strings.TrimSpace(in.Reason)
	var f Forfeit
	err := s.change(ctx, who, tenderID, "forfeit", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		a, err := ApprovedOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		f = Forfeit{ID: id.New(now), Tender: t.ID, Award: a.ID, Supplier: a.Supplier, SupplierName: a.SupplierName, Cause: in.Cause,
			Reason: in.Reason, Course: in.Course, State: Proposed, ProposedBy: who.Account, ProposedAt: now}
		var c fault.Check
		n := utf8.RuneCountInString(f.Reason)
		c.Must(f.Cause.Name() != "", "cause", "请选择供应商不能签订合同的情形")
		c.Must(f.Course.Name() != "", "course", "请选择确定下一候选人，或者重新开展采购")
		c.Must(n >= 5 && n <= 1000, "forfeit_reason", "请写明事实和理由，5–1000 个字，将公布")
		if err := s.checkForfeit(ctx, tx, &c, *t, a, &f, now); err != nil {
			return err
		}
		if err := c.Err(); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&f).Exec(ctx); db.Duplicate(err) {
			return fault.New(fault.Conflict, "已经提交过一次，正在等待审批")
		} else if err != nil {
			return db.Translate(err)
		}
		return note(ctx, tx, who, now, t.ID, "提请变更采购结果", f.Says(), ForfeitBy, false)
	})
	return f, err
}

// checkForfeit holds a forfeit to what the system knows: that a listing runs,
// that the time to sign is over, that there is a next candidate.
func (s *Service) checkForfeit(ctx context.Context, d bun.IDB, c *fault.Check, t tender.Tender, a Award, f *Forfeit, now time.Time) error {
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	switch f.Cause {
	case Listed:
		list, err := standing.Against(ctx, d, a.Supplier, t.Buyer, standing.Purchase, now)
		if err != nil {
			return err
		}
		c.Must(len(list) > 0, "cause", "“%s”现在没有被列入禁止签约的名单，不能以此变更结果", a.SupplierName)
		var says []string
		for _, l := range list {
			says = append(says, l.Says())
		}
		f.Basis = strings.Join(says, "；")
	case Unsigned:
		by := SignBy(set, *a.DecidedAt, s.calendar)
		if now.Before(by) {
			c.FailUnder(set.Must(rules.ContractSign).Source(), "cause", "签订期限到 %s，期满后才能以此变更结果", calendar.Until(by))
		}
		f.Basis = "签订期限至 " + calendar.Until(by)
	case RefusedToSign:
		x, err := refusalOf(ctx, d, a.ID)
		if err != nil {
			return err
		}
		if x != nil {
			f.Basis = "供应商于 " + calendar.Date(x.At).Format("2006年1月2日") + "书面表示不签订合同"
		}
	case Unable:
	}
	if f.Course == Following {
		next, _, err := candidate(ctx, d, t, a.Bid, now)
		if err != nil {
			return err
		}
		if next == "" {
			c.FailUnder(ForfeitBy, "course", "评审报告中没有其他可以确定的合格候选人，只能重新开展采购")
		}
	}
	return nil
}

// SignBy is the moment by which a contract must be signed, exclusive
// (政府采购法第46条). Without the year's table of working days the plain
// thirtieth day binds.
func SignBy(set rules.Set, awarded time.Time, cal *calendar.Calendar) time.Time {
	if m, err := set.Clock(rules.ContractSign, awarded, cal); err == nil && m.At != nil {
		return *m.At
	}
	return calendar.Date(awarded).AddDate(0, 0, 1+int(set.Must(rules.ContractSign).Value))
}

// candidate is the best ranked bid besides "not" that has not lost an award and
// that no listing bars, with its supplier's name; "" where there is none.
func candidate(ctx context.Context, d bun.IDB, t tender.Tender, not id.ID, now time.Time) (bid id.ID, name string, err error) {
	_, r, err := evaluation.Read(ctx, d, t.ID)
	if err != nil {
		return "", "", err
	}
	lost, err := lostBids(ctx, d, t.ID)
	if err != nil {
		return "", "", err
	}
	for _, l := range r.Lines {
		if l.Rank == 0 || l.Bid == not || lost[l.Bid] != "" {
			continue
		}
		_, b := r.Of(l.Bid)
		list, err := standing.Against(ctx, d, b.Supplier, t.Buyer, standing.Purchase, now)
		if err != nil {
			return "", "", err
		}
		if len(list) == 0 {
			return l.Bid, b.Name, nil
		}
	}
	return "", "", nil
}

// lostBids are the bids whose award was taken away, with their suppliers' names.
func lostBids(ctx context.Context, d bun.IDB, tenderID id.ID) (map[id.ID]string, error) {
	var list []Award
	err := d.NewSelect().Model(&list).Where("tender = ? AND state = ?", tenderID, Revoked).Scan(ctx)
	out := map[id.ID]string{}
	for _, a := range list {
		out[a.Bid] = a.SupplierName
	}
	return out, db.Translate(err)
}

// DecideForfeit takes the result away and does what was put forward, or sends
// it back with a reason. Whoever put it forward never decides.
func (s *Service) DecideForfeit(ctx context.Context, who party.Actor, tenderID id.ID, approve bool, why string) (Forfeit, error) {
	why = strings.TrimSpace(why)
	var f Forfeit
	err := s.change(ctx, who, tenderID, "forfeit_decide", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		if err := db.Found(tx.NewSelect().Model(&f).Where("tender = ? AND state = ?", t.ID, Proposed).Scan(ctx), "待审批的结果变更"); err != nil {
			return err
		}
		if f.ProposedBy == who.Account {
			return fault.New(fault.Forbidden, "提请的人不能审批，请由另一位审批人办理")
		}
		a, err := ApprovedOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		var c fault.Check
		f.State, f.DecidedBy, f.DecidedAt, f.Note = Approved, &who.Account, &now, why
		if !approve {
			f.State = Returned
			c.Must(why != "" && utf8.RuneCountInString(why) <= 1000, "forfeit_note", "请写明退回的原因，不超过 1000 字")
		} else if err := s.checkForfeit(ctx, tx, &c, *t, a, &f, now); err != nil {
			return err
		}
		if err := c.Err(); err != nil {
			return err
		}
		if err := db.One(tx.NewUpdate().Model(&f).Column("state", "basis", "decided_by", "decided_at", "note").WherePK().Exec(ctx)); err != nil {
			return err
		}
		if !approve {
			return note(ctx, tx, who, now, t.ID, "退回变更采购结果的提请", why, "", false)
		}
		if err := tender.NotSuspended(ctx, tx, t.ID, now, tender.AwardStep); err != nil {
			return err
		}
		return s.carryOut(ctx, tx, who, t, f, now)
	})
	return f, err
}

// carryOut revokes the result, tells everybody, and lets the buyer go on with
// the ranking or ends the purchase.
func (s *Service) carryOut(ctx context.Context, tx bun.Tx, who party.Actor, t *tender.Tender, f Forfeit, now time.Time) error {
	if _, err := s.Revoke(ctx, tx, who, t, f.Says(), ForfeitBy, now); err != nil {
		return err
	}
	text := "采购人决定变更采购结果：" + f.Says() + "。贵单位的中标（成交）通知书不再有效。" +
		"没有正当理由拒绝签订合同的，依法承担法律责任（政府采购法第46条、" + law.Cite("政府采购法实施条例第72条") + "）。对变更后的结果有异议的，可以在结果公布后依法质疑。"
	if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: f.Supplier}}, inbox.Letter{Title: "贵单位不再是中标（成交）供应商：" + t.Title, Text: text,
		Link: "/tenders/" + string(t.ID) + "/award"}); err != nil {
		return err
	}
	if f.Course == Following {
		return s.tenders.Advance(ctx, tx, t, tender.Evaluated)
	}
	t.Reason = f.Says() + "（" + ForfeitBy + "）"
	if err := s.tenders.Advance(ctx, tx, t, tender.Failed); err != nil {
		return err
	}
	if err := tender.EmitEnd(ctx, tx, now, *t, nil); err != nil {
		return err
	}
	if err := opening.Tell(ctx, tx, *t, inbox.Letter{Title: "采购已终止：" + t.Title, Text: t.Reason, Link: "/tenders/" + string(t.ID)}, now); err != nil {
		return err
	}
	return note(ctx, tx, who, now, t.ID, "终止采购，重新开展", t.Reason, ForfeitBy, true)
}

// Refusal is the supplier's own word that it signs no contract, for the buyer.
type Refusal struct {
	bun.BaseModel `bun:"table:award_refusal"`

	Award  id.ID     `bun:"award,pk" json:"award"`
	Reason string    `bun:"reason" json:"reason"`
	By     id.ID     `bun:"refused_by" json:"-"`
	At     time.Time `bun:"refused_at" json:"refused_at"`
}

func refusalOf(ctx context.Context, d bun.IDB, award id.ID) (*Refusal, error) {
	var x Refusal
	err := db.Found(d.NewSelect().Model(&x).Where("award = ?", award).Scan(ctx), "书面意见")
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return &x, err
}

// Refuse lets the supplier of a result say in writing, once, that it signs no
// contract and why. The buyer decides what follows.
func (s *Service) Refuse(ctx context.Context, who party.Actor, tenderID id.ID, reason string) (Refusal, error) {
	x := Refusal{Reason: strings.TrimSpace(reason), By: who.Account}
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		x.At = s.clock.Now()
		a, err := ApprovedOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		if err := s.policy.Require(winning(who, a), ObjectKind+"."+string(a.State), "refuse"); err != nil {
			return err
		}
		if t.State != tender.Awarded {
			return fault.New(fault.Conflict, "采购项目现在是“%s”，不能再表示不签订合同", t.State.Name())
		}
		n := utf8.RuneCountInString(x.Reason)
		var c fault.Check
		c.Must(n >= 5 && n <= 1000, "refusal", "请写明不签订合同的理由，5–1000 个字")
		if err := c.Err(); err != nil {
			return err
		}
		x.Award = a.ID
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); db.Duplicate(err) {
			return fault.New(fault.Conflict, "已经提交过，采购人正在办理")
		} else if err != nil {
			return db.Translate(err)
		}
		if err := inbox.Send(ctx, tx, x.At, []inbox.To{{Organisation: t.Buyer}}, inbox.Letter{Title: "“" + a.SupplierName + "”表示不签订合同：" + t.Title,
			Text: "可以确定下一候选人，或者重新开展采购（" + ForfeitBy + "）。", Link: "/tenders/" + string(t.ID) + "/award"}); err != nil {
			return err
		}
		return note(ctx, tx, who, x.At, t.ID, "供应商表示不签订合同", x.Reason, "", false)
	})
	return x, err
}

// winning are the relations of an actor to an award.
func winning(who party.Actor, a Award) []string {
	rel := who.Relations()
	if who.Org != "" && who.Org == a.Supplier {
		rel = append(rel, "winner."+string(who.Role))
	}
	if who.Org != "" && who.Org == a.Buyer {
		rel = append(rel, "buyer."+string(who.Role))
	}
	return rel
}

// inTurn is the reason for a bid that follows those whose award was taken away;
// "" where another that ranks before it is passed over.
func inTurn(ctx context.Context, d bun.IDB, t tender.Tender, r evaluation.Record, line evaluation.Line) (string, error) {
	lost, err := lostBids(ctx, d, t.ID)
	if err != nil || len(lost) == 0 || line.Rank == 0 {
		return "", err
	}
	var names []string
	for _, l := range r.Lines {
		if l.Rank == 0 || l.Rank > line.Rank || l.Bid == line.Bid {
			continue
		}
		if lost[l.Bid] == "" {
			return "", nil
		}
		names = append(names, "“"+lost[l.Bid]+"”")
	}
	if len(names) == 0 {
		return "", nil
	}
	return strings.Join(names, "、") + "的中标（成交）结果已撤销，按评审排序确定下一候选人", nil
}
