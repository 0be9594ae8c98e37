package contract

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/disclosure/ocds"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/credential"
	"gongji/app/party/standing"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// The states of an amendment.
const (
	Proposed = "proposed"
	Returned = "returned"
	Approved = "approved"
)

// Amendment is one change of a signed contract, with its reason. Added is what
// is bought in addition, in 分: all additions together are at most a share of
// the contract as signed (政府采购法第49条).
type Amendment struct {
	bun.BaseModel `bun:"table:contract_amendment"`

	ID         id.ID      `bun:"id,pk" json:"id"`
	Contract   id.ID      `bun:"contract" json:"contract"`
	Number     int        `bun:"number" json:"number"`
	State      string     `bun:"state" json:"state"`
	Change     string     `bun:"change" json:"change"`
	Reason     string     `bun:"reason" json:"reason"`
	Added      money.Fen  `bun:"added" json:"added"`
	EndsOn     *time.Time `bun:"ends_on" json:"ends_on,omitempty"`
	ProposedBy id.ID      `bun:"proposed_by" json:"-"`
	ProposedAt time.Time  `bun:"proposed_at" json:"proposed_at"`
	DecidedBy  *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt  *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	Note       string     `bun:"note" json:"note,omitempty"`
}

// AmendInput is what the officer enters.
type AmendInput struct {
	Change string     `json:"change" description:"变更的内容，公开"`
	Reason string     `json:"reason" description:"变更的理由，公开"`
	Added  money.Fen  `json:"added,omitempty" description:"追加的金额，单位分；不追加为 0"`
	EndsOn *time.Time `json:"ends_on,omitempty" description:"改变后的服务结束日期；不变不填"`
}

// AdditionRule is how much may be added: 10% of the contract, 30% in a 紧急采购.
func AdditionRule(t tender.Tender, set rules.Set) rules.Rule {
	if r, ok := set.Get(t.Method + ".contract.addition"); ok {
		return r
	}
	return set.Must(rules.ContractAddition)
}

// Amendments lists the changes of a contract: the approved ones for everybody,
// the others for its buyer.
func (s *Service) Amendments(ctx context.Context, who party.Actor, contract id.ID) ([]Amendment, error) {
	out := []Amendment{}
	q := s.db.NewSelect().Model(&out).Where("contract = ?", contract).Order("number")
	if s.May(ctx, who, contract, "amend") != nil && s.May(ctx, who, contract, "decide") != nil {
		q = q.Where("state = ?", Approved)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// change locks the tender, authorises by the contract and writes it.
func (s *Service) change(ctx context.Context, who party.Actor, contract id.ID, action string,
	do func(ctx context.Context, tx bun.Tx, t tender.Tender, c *Contract, now time.Time) error) (Contract, error) {
	if err := s.May(ctx, who, contract, action); err != nil {
		return Contract{}, err
	}
	var out Contract
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var c Contract
		if err := db.Found(tx.NewSelect().Model(&c).Where("id = ?", contract).Scan(ctx), "合同"); err != nil {
			return err
		}
		t, err := tender.ForUpdate(ctx, tx, c.Tender)
		if err != nil {
			return err
		}
		if err := db.Found(tx.NewSelect().Model(&c).Where("id = ?", contract).Scan(ctx), "合同"); err != nil {
			return err
		}
		if t.State != tender.Contracted || c.State != Signed {
			return fault.New(fault.Conflict, "采购项目现在是“%s”，这份合同不在履行中，请刷新页面", t.State.Name())
		}
		if err := do(ctx, tx, t, &c, s.clock.Now()); err != nil {
			return err
		}
		out = c
		return db.One(tx.NewUpdate().Model(&c).Column("amount", "ends_on", "filed_no", "filed_at").WherePK().Exec(ctx))
	})
	return out, err
}

// Amend proposes a change to the approver.
func (s *Service) Amend(ctx context.Context, who party.Actor, contract id.ID, in AmendInput) (Amendment, error) {
	var a Amendment
	_, err := s.change(ctx, who, contract, "amend", func(ctx context.Context, tx bun.Tx, t tender.Tender, c *Contract, now time.Time) error {
		a = Amendment{ID: id.New(now), Contract: c.ID, State: Proposed, Change: strings.TrimSpace(in.Change), Reason: strings.TrimSpace(in.Reason),
			Added: in.Added, EndsOn: in.EndsOn, ProposedBy: who.Account, ProposedAt: now}
		before, err := earlier(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		for _, x := range before {
			if x.State == Proposed {
				return fault.New(fault.Conflict, "已有一项变更在等待审批，办结后再提出新的")
			}
		}
		a.Number = len(before) + 1
		if err := mayAdd(ctx, tx, *c, a.Added, now); err != nil {
			return err
		}
		if err := s.checkAmendment(t, *c, &a, before, now); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&a).Exec(ctx)
		return db.Translate(err)
	})
	return a, err
}

func earlier(ctx context.Context, d bun.IDB, contract id.ID) ([]Amendment, error) {
	var out []Amendment
	err := d.NewSelect().Model(&out).Where("contract = ?", contract).Order("number").Scan(ctx)
	return out, db.Translate(err)
}

// checkAmendment holds a change to the rules: something changes, for a reason,
// within the share of the contract as signed and within its longest term.
func (s *Service) checkAmendment(t tender.Tender, c Contract, a *Amendment, before []Amendment, now time.Time) error {
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	var k fault.Check
	k.Must(a.Change != "" && len([]rune(a.Change)) <= 2000, "change", "请写明变更的内容，不超过 2000 个字")
	k.Must(a.Reason != "" && len([]rune(a.Reason)) <= 2000, "reason", "请写明变更的理由，不超过 2000 个字，理由将公开")
	k.Adopt("added", money.Accept(a.Added))
	k.Must(a.Added >= 0, "added", "追加的金额不能小于 0")
	added, signed := a.Added, c.Amount
	for _, x := range before {
		if x.State == Approved {
			added, signed = added+x.Added, signed-x.Added
		}
	}
	if rule := AdditionRule(t, set); a.Added > 0 && over(added, signed, rule.Value) {
		k.FailUnder(rule.Source(), "added", "追加合计%s，原合同金额 %s 元，已追加 %s 元，请改小", rule.Limit(), signed.Yuan(), (added - a.Added).Yuan())
	}
	if a.EndsOn != nil {
		end := calendar.Date(*a.EndsOn).UTC()
		a.EndsOn = &end
		term := set.Must(rules.ContractTerm)
		if t.TermReason != "" {
			term = set.Must(rules.ContractTermStable)
		}
		k.Must(end.After(c.StartsOn), "ends_on", "服务结束日期应在开始日期之后")
		if term.ID != "" && !end.Before(c.StartsOn.AddDate(int(term.Value), 0, 0)) {
			k.FailUnder(term.Source(), "ends_on", "合同履行期限%s，请改早结束日期", term.Limit())
		}
	}
	return k.Err()
}

// mayAdd is the gate of an additional purchase (政府采购法第49条), which a
// listing bars and an expired registration too; a change without money
// performs what was bought and goes on.
func mayAdd(ctx context.Context, d bun.IDB, c Contract, added money.Fen, now time.Time) error {
	if added <= 0 {
		return nil
	}
	if err := standing.Clear(ctx, d, c.Supplier, c.Buyer, standing.Purchase, now); err != nil {
		return err
	}
	return credential.Registered(ctx, d, c.Supplier, now)
}

// DecideAmendment approves the change that waits, or returns it with a reason.
// Whoever proposed it never approves it. Approved, it is public at once.
func (s *Service) DecideAmendment(ctx context.Context, who party.Actor, contract id.ID, approve bool, note string) (Contract, error) {
	return s.change(ctx, who, contract, "decide", func(ctx context.Context, tx bun.Tx, t tender.Tender, c *Contract, now time.Time) error {
		before, err := earlier(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		if len(before) == 0 || before[len(before)-1].State != Proposed {
			return fault.New(fault.Conflict, "没有等待审批的变更")
		}
		a := before[len(before)-1]
		if a.ProposedBy == who.Account {
			return fault.New(fault.Forbidden, "提出变更的人不能审批，请由另一位审批人办理")
		}
		a.Note = strings.TrimSpace(note)
		a.State, a.DecidedBy, a.DecidedAt = Approved, &who.Account, &now
		if !approve {
			a.State = Returned
			var k fault.Check
			k.Must(a.Note != "", "note", "请写明退回的原因")
			if err := k.Err(); err != nil {
				return err
			}
		}
		if err := db.One(tx.NewUpdate().Model(&a).Column("state", "decided_by", "decided_at", "note").WherePK().Exec(ctx)); err != nil {
			return err
		}
		if !approve {
			return nil
		}
		return s.amended(ctx, tx, who, t, c, a, before[:len(before)-1], now)
	})
}

// amended makes an approved change: in the contract, its delivery, the open
// data and on the public timeline.
func (s *Service) amended(ctx context.Context, tx bun.Tx, who party.Actor, t tender.Tender, c *Contract, a Amendment, before []Amendment, now time.Time) error {
	if err := s.checkAmendment(t, *c, &a, before, now); err != nil {
		return err
	}
	if err := mayAdd(ctx, tx, *c, a.Added, now); err != nil {
		return err
	}
	c.Amount += a.Added
	if a.EndsOn != nil {
		c.EndsOn = *a.EndsOn
	}
	if err := s.delivery.Amend(ctx, tx, c.ID, c.Amount, c.EndsOn); err != nil {
		return err
	}
	r := tender.Release(t, ocds.ContractAmendment)
	moment := ocds.Moment(now)
	r.Contracts = []ocds.Contract{{ID: string(c.ID), AwardID: string(c.Award), Value: ocds.CNY(&c.Amount), Period: ocds.Between(&c.StartsOn, &c.EndsOn),
		Amendments: []ocds.Amendment{{ID: fmt.Sprint(a.Number), Date: &moment, Rationale: a.Reason, Description: a.Change}}}}
	if err := ocds.Emit(ctx, tx, now, r); err != nil {
		return err
	}
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "tender", ObjectID: t.ID, Action: "合同变更", Note: a.Change + "。理由：" + a.Reason,
		Article: AdditionRule(t, set).Source(), Public: true})
}

func checkFiling(c *Contract, number string) error {
	var k fault.Check
	k.Must(c.FiledAt == nil, "filed_no", "合同已经备案")
	k.Must(strings.TrimSpace(number) != "" && len([]rune(number)) <= 100, "filed_no", "请填写备案编号或备案机关，不超过 100 个字")
	return k.Err()
}

// Due counts the changes of a bureau's contracts that wait for its approver,
// and names the purchase of the oldest.
func (s *Service) Due(ctx context.Context, buyer id.ID) (n int, first id.ID, err error) {
	var rows []id.ID
	err = s.db.NewSelect().TableExpr("contract_amendment AS a").Join("JOIN contract AS c ON c.id = a.contract").ColumnExpr("c.tender").
		Where("c.buyer = ? AND c.state = ? AND a.state = ?", buyer, Signed, Proposed).OrderExpr("a.id").Limit(100).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 {
		return 0, "", db.Translate(err)
	}
	return len(rows), rows[0], nil
}
