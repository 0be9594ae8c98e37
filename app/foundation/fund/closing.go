package fund

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// ClosingForm is a proposal to end a fund, as typed.
type ClosingForm struct {
	Reason    string `json:"reason" description:"终止的原因：协议约定的哪一个条件成就，公开"`
	SurplusTo string `json:"surplus_to" enum:"none,fund,charity" description:"剩余财产去向；没有剩余填 none"`
	ToFund    id.ID  `json:"to_fund,omitempty" description:"去向是本会专项基金的，它的编号"`
	ToOrg     string `json:"to_org,omitempty" description:"去向是其他慈善组织的，它的统一社会信用代码或全称"`
	Likeness  string `json:"likeness,omitempty" description:"目的怎样相同或者相近，公开"`
	LeftOpen  string `json:"left_open,omitempty" description:"没有结清的认捐、物资等逐项怎样处理，公开"`
	BoardOn   string `json:"board_on" description:"管理委员会或者理事会决议的日期"`
	BoardNo   string `json:"board_no" description:"会议届次或者决议文号"`
}

// ClosingState is where an ending stands.
type ClosingState string

// The states of an ending.
const (
	Proposed  ClosingState = "proposed"
	Withdrawn ClosingState = "withdrawn"
	Declined  ClosingState = "refused"
	Done      ClosingState = "done"
)

// Closing is the ending of a fund: proposed by one, decided by another.
type Closing struct {
	bun.BaseModel `bun:"table:fund_closing"`

	ID         id.ID        `bun:"id,pk" json:"id"`
	Fund       id.ID        `bun:"fund" json:"fund"`
	State      ClosingState `bun:"state" json:"state"`
	Reason     string       `bun:"reason" json:"reason"`
	SurplusTo  string       `bun:"surplus_to" json:"surplus_to"` // none, fund, charity
	ToFund     *id.ID       `bun:"to_fund" json:"to_fund,omitempty"`
	ToOrg      *id.ID       `bun:"to_org" json:"to_organisation,omitempty"`
	ToName     string       `bun:"to_name" json:"to_name,omitempty"` // full name of either
	Likeness   string       `bun:"likeness" json:"likeness,omitempty"`
	LeftOpen   string       `bun:"left_open" json:"left_open,omitempty"`
	BoardOn    time.Time    `bun:"board_on" json:"board_on"`
	BoardNo    string       `bun:"board_no" json:"board_no"`
	Moved      money.Fen    `bun:"moved" json:"moved"` // 分 handed to ToFund by the decision
	LedgerTx   *id.ID       `bun:"ledger_tx" json:"ledger_transaction,omitempty"`
	Note       string       `bun:"note" json:"note,omitempty"` // why refused
	ProposedBy id.ID        `bun:"proposed_by" json:"-"`
	ProposedAt time.Time    `bun:"proposed_at" json:"proposed_at"`
	DecidedBy  *id.ID       `bun:"decided_by" json:"-"`
	DecidedAt  *time.Time   `bun:"decided_at" json:"decided_at,omitempty"`
}

// Loose is something a fund has to settle before it ends. What is Firm keeps
// it from ending; the rest must be named with what becomes of it.
type Loose struct {
	What   string     `json:"what"` // in Chinese, with its number
	Href   string     `json:"-"`
	Amount *money.Fen `json:"amount,omitempty"` // 分
	Firm   bool       `json:"firm"`
}

// ClosingOf is the ending that was proposed or done; nil where there is none.
func (s *Service) ClosingOf(ctx context.Context, d bun.IDB, fund id.ID) (*Closing, error) {
	var out []Closing
	err := d.NewSelect().Model(&out).Where("fund = ? AND state IN (?)", fund, bun.List([]ClosingState{Proposed, Done})).Limit(1).Scan(ctx)
	if err != nil || len(out) == 0 {
		return nil, db.Translate(err)
	}
	return &out[0], nil
}

// Closing is ClosingOf outside a transaction; the caller has authorised the
// view of the fund.
func (s *Service) Closing(ctx context.Context, f Fund) (*Closing, error) {
	if f.State != Winding && f.State != Ended {
		return nil, nil
	}
	return s.ClosingOf(ctx, s.db, f.ID)
}

// Loose lists what is open on a fund; the caller has authorised its insiders' view.
func (s *Service) Loose(ctx context.Context, f Fund) ([]Loose, error) {
	return s.loose(ctx, s.db, f.ID)
}

// StillOpen is Loose by id, for the fund's insiders.
func (s *Service) StillOpen(ctx context.Context, who party.Actor, fund id.ID) ([]Loose, error) {
	if err := s.May(ctx, who, fund, "follow"); err != nil {
		return nil, err
	}
	list, err := s.loose(ctx, s.db, fund)
	return append([]Loose{}, list...), err
}

func (s *Service) loose(ctx context.Context, d bun.IDB, fund id.ID) ([]Loose, error) {
	var out []Loose
	for _, open := range s.Open {
		list, err := open(ctx, d, fund)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// Propose proposes to end a fund: from now it takes no new donation and no new
// payment, and settles what is open. Invalid where the destination of the
// surplus is not the one the agreement names (慈善法第58条).
func (s *Service) Propose(ctx context.Context, who party.Actor, fund id.ID, in ClosingForm) (Fund, error) {
	return s.change(ctx, who, fund, "propose", func(ctx context.Context, tx bun.Tx, f *Fund, now time.Time) error {
		c, err := s.closing(ctx, tx, *f, in, now)
		if err != nil {
			return err
		}
		c.ID, c.State, c.ProposedBy, c.ProposedAt = id.New(now), Proposed, who.Account, now
		if _, err := tx.NewInsert().Model(&c).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		f.State, f.Reason = Winding, c.Reason
		return record(ctx, tx, who, now, f.ID, trail.Event{Action: "提出终止", Note: c.Reason, Article: rules.At(now).Must(rules.FundAgreement).Source(), Public: true})
	})
}

// closing reads and checks a proposal.
func (s *Service) closing(ctx context.Context, tx bun.Tx, f Fund, in ClosingForm, now time.Time) (Closing, error) {
	trim := strings.TrimSpace
	out := Closing{Fund: f.ID, Reason: trim(in.Reason), SurplusTo: in.SurplusTo, Likeness: trim(in.Likeness), LeftOpen: trim(in.LeftOpen), BoardNo: trim(in.BoardNo)}
	var c fault.Check
	long := func(v, field, ask string, least, most int) {
		n := utf8.RuneCountInString(v)
		c.Must(n >= least, field, "%s", ask)
		c.Must(n <= most && utf8.ValidString(v) && !strings.ContainsRune(v, 0), field, "不超过 %d 个字，且不能有无法识别的字符", most)
	}
	law := rules.At(now)
	long(out.Reason, "reason", "请写明终止的原因，将向社会公开", 5, 2000)
	long(out.BoardNo, "board_no", "请填写决议的会议届次或者文号", 2, 100)
	long(out.LeftOpen, "left_open", "", 0, 2000)
	on := calendar.Typed(&c, "board_on", in.BoardOn)
	if on == nil && !c.Failed("board_on") {
		c.FailUnder(law.Must(rules.FundAgreement).Source(), "board_on", "请填写决议的日期")
	} else if on != nil {
		c.Must(!on.After(now), "board_on", "决议的日期不能在今天之后")
		out.BoardOn = *on
	}
	surplus := law.Must(rules.DonationSurplus).Source()
	switch to := Target(in.SurplusTo); {
	case in.SurplusTo == "none":
		out.Likeness = ""
		return out, c.Err()
	case to != ToFund && to != ToCharity:
		c.FailUnder(surplus, "surplus_to", "请选择剩余财产的去向")
		return out, c.Err()
	case f.SurplusTo != NoTarget && f.SurplusTo != to:
		c.FailUnder(surplus, "surplus_to", "协议约定剩余财产“%s”，请照协议处理", f.SurplusTo.Name())
	}
	long(out.Likeness, "likeness", "请写明两者的目的怎样相同或者相近，将向社会公开", 5, 2000)
	if err := s.destination(ctx, tx, f, in, &out, &c); err != nil {
		return out, err
	}
	return out, c.Err()
}

// destination finds who takes the surplus.
func (s *Service) destination(ctx context.Context, tx bun.Tx, f Fund, in ClosingForm, out *Closing, c *fault.Check) error {
	if Target(in.SurplusTo) == ToFund {
		to, err := Read(ctx, tx, in.ToFund)
		missing := fault.Is(err, fault.NotFound)
		if err != nil && !missing {
			return err
		}
		if missing || to.Foundation != f.Foundation || to.State != Active || to.ID == f.ID {
			c.Fail("to_fund", "请选择本会另一只运行中的专项基金")
			return nil
		}
		out.ToFund, out.ToName = &to.ID, to.FullName()
		return nil
	}
	typed := strings.TrimSpace(in.ToOrg)
	var found []organisation.Organisation
	err := tx.NewSelect().Model(&found).Where("id = ? OR uscc = ? OR name = ?", typed, strings.ToUpper(typed), typed).Limit(2).Scan(ctx)
	if err != nil {
		return db.Translate(err)
	}
	if len(found) != 1 || found[0].State != organisation.Approved || found[0].ID == f.Foundation ||
		found[0].Kind != party.Social && found[0].Kind != party.Foundation {
		c.Fail("to_org", "请填写一家已在本平台登记并通过审核的社会组织或者基金会，用统一社会信用代码或全称")
		return nil
	}
	out.ToOrg, out.ToName = &found[0].ID, found[0].Name
	return nil
}

// Resume takes a proposal back before it is decided: whoever may propose
// withdraws it, the decider refuses it with a reason. The fund runs again.
func (s *Service) Resume(ctx context.Context, who party.Actor, fund id.ID, reason string) (Fund, error) {
	reason, err := reasonOf(reason, "请写明不终止的原因，将向社会公开")
	if err != nil {
		return Fund{}, err
	}
	return s.change(ctx, who, fund, "resume", func(ctx context.Context, tx bun.Tx, f *Fund, now time.Time) error {
		c, err := s.ClosingOf(ctx, tx, f.ID)
		if err != nil {
			return err
		}
		c.State, c.Note, c.DecidedBy, c.DecidedAt = Declined, reason, &who.Account, &now
		if who.Account == c.ProposedBy {
			c.State = Withdrawn
		}
		if err := decided(ctx, tx, c); err != nil {
			return err
		}
		f.State, f.Reason = Active, ""
		return record(ctx, tx, who, now, f.ID, trail.Event{Action: "恢复运行", Note: reason, Public: true})
	})
}

func decided(ctx context.Context, tx bun.Tx, c *Closing) error {
	return db.One(tx.NewUpdate().Model(c).Column("state", "note", "moved", "ledger_tx", "decided_by", "decided_at").
		Where("id = ? AND state = ?", c.ID, Proposed).Exec(ctx))
}
