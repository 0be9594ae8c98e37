package evaluation

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/law"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/procurement/interest"
	"gongji/app/procurement/tender"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service runs evaluations: it seats the panel, takes its sheets and ranks.
type Service struct {
	db      *bun.DB
	clock   clock.Clock
	policy  *policy.Policy
	tenders *tender.Service
	archive *archive.Service
	site    string
}

// New makes the service. site is the public address that reports point to.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, t *tender.Service, a *archive.Service, site string) *Service {
	return &Service{db: d, clock: c, policy: p, tenders: t, archive: a, site: site}
}

// relations adds to what an actor is to the tender whether they sit on its panel.
func relations(ctx context.Context, d bun.IDB, who party.Actor, t tender.Tender) ([]string, error) {
	rel := tender.Relations(who, t)
	if !who.SignedIn() {
		return rel, nil
	}
	on, err := d.NewSelect().Model((*Member)(nil)).Where("tender = ? AND account = ? AND stood_aside = ''", t.ID, who.Account).Exists(ctx)
	if on {
		rel = append(rel, "panel.member")
	}
	return rel, db.Translate(err)
}

func (s *Service) require(ctx context.Context, d bun.IDB, who party.Actor, t tender.Tender, action string, now time.Time) error {
	rel, err := relations(ctx, d, who, t)
	if err != nil {
		return err
	}
	return s.policy.Require(rel, t.Object(now), action)
}

// May tells whether the actor may do something of the evaluation to a tender:
// "panel", "evaluate", "score", "ranking".
func (s *Service) May(ctx context.Context, who party.Actor, tenderID id.ID, action string) error {
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return err
	}
	return s.require(ctx, s.db, who, t, action, s.clock.Now())
}

// change locks the tender, authorises and decides in one transaction.
func (s *Service) change(ctx context.Context, who party.Actor, tenderID id.ID, action string,
	fn func(context.Context, bun.Tx, *tender.Tender, time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		t, err := tender.ForUpdate(ctx, tx, tenderID)
		if err != nil {
			return err
		}
		now := s.clock.Now()
		if err := s.require(ctx, tx, who, t, action, now); err != nil {
			return err
		}
		return fn(ctx, tx, &t, now)
	})
}

// Naming is one member to be put on a panel, by login.
type Naming struct {
	Login string `json:"login" description:"评审专家或采购人代表的登录名"`
	Seat  Seat   `json:"seat" enum:"expert,buyer"`
	// Reason is why an expert is chosen and not drawn.
	Reason string `json:"reason,omitempty" description:"自行选定专家的理由和主管预算单位的同意；采购人代表不填"`
}

// Name puts a member on the panel of an opened tender. A person whom
// 政府采购法实施条例第9条 asks to stand aside is refused with that article.
func (s *Service) Name(ctx context.Context, who party.Actor, tenderID id.ID, in Naming) (Member, error) {
	var m Member
	err := s.change(ctx, who, tenderID, "panel", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		var a account.Account
		err := db.Found(tx.NewSelect().Model(&a).Where("login = ?", in.Login).Scan(ctx), "账号")
		var c fault.Check
		if fault.Is(err, fault.NotFound) {
			c.Fail("login", "没有这个登录名的账号，请核对")
			return c.Err()
		}
		if err != nil {
			return err
		}
		if err := s.vacant(ctx, tx, *t, now); err != nil {
			return err
		}
		if err := s.eligible(ctx, tx, *t, a, in.Seat, now); err != nil {
			c.Adopt("login", err)
			return c.Err()
		}
		in.Reason = strings.TrimSpace(in.Reason)
		if in.Seat == ExpertSeat && in.Reason == "" {
			c.FailUnder(articleChoose, "reason", "评审专家应从专家库随机抽取；技术复杂、专业性强的项目经主管预算单位同意可以自行选定，请写明理由和同意的文号")
		}
		c.Must(utf8.RuneCountInString(in.Reason) <= 500, "reason", "理由不超过 500 字")
		if err := c.Err(); err != nil {
			return err
		}
		m = Member{ID: id.New(now), Tender: t.ID, Account: a.ID, Seat: in.Seat, Name: a.Name, Employer: a.Employer, NamedBy: who.Account, NamedAt: now,
			Chosen: Named, Reason: in.Reason}
		if err := seat(ctx, tx, &m); err != nil {
			return err
		}
		if err := tellSeated(ctx, tx, *t, m, now); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "确定评审小组成员", m.Name, "", false)
	})
	return m, err
}

// articleChoose is the article on drawing experts and on choosing them.
var articleChoose = law.Cite("财政部令第87号第48条")

// seat adds a member; somebody who is on the panel, or stood aside from it,
// is not added again.
func seat(ctx context.Context, tx bun.Tx, m *Member) error {
	_, err := tx.NewInsert().Model(m).Exec(ctx)
	if db.Duplicate(err) {
		var c fault.Check
		c.Fail("login", "%s已在评审小组中，或已回避", m.Name)
		return c.Err()
	}
	return db.Translate(err)
}

// vacant refuses a new member once the evaluation runs, unless somebody stood
// aside and the panel is no longer what the rules ask.
func (s *Service) vacant(ctx context.Context, d bun.IDB, t tender.Tender, now time.Time) error {
	if t.State != tender.Evaluating {
		return nil
	}
	err := s.composed(ctx, d, t, now)
	if fault.Is(err, fault.Invalid) {
		return nil
	} else if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "评审已经开始，评审小组不再变动；成员回避后才能补充")
}

// composed checks the panel as it stands against the rules.
func (s *Service) composed(ctx context.Context, d bun.IDB, t tender.Tender, now time.Time) error {
	members, err := membersOf(ctx, d, t.ID)
	if err != nil {
		return err
	}
	set, err := t.RuleSet(now)
	if err != nil {
		return err
	}
	return checkPanel(set, t, members)
}

// Short reports whether a running evaluation has fewer members than the rules
// ask, so that somebody must be added for whoever stood aside.
func (s *Service) Short(ctx context.Context, t tender.Tender) bool {
	return t.State == tender.Evaluating && fault.Is(s.composed(ctx, s.db, t, s.clock.Now()), fault.Invalid)
}

// eligible refuses a person who may not take the seat, or must stand aside.
func (s *Service) eligible(ctx context.Context, d bun.IDB, t tender.Tender, a account.Account, seat Seat, now time.Time) error {
	ties, err := tiesOf(ctx, d, t, a, now)
	if err != nil {
		return err
	}
	own := false
	for _, x := range ties {
		own = own || x.Org == t.Buyer && x.Staff
	}
	switch seat {
	case ExpertSeat:
		if !a.Expert {
			return fault.New(fault.Invalid, "%s不在评审专家库中，请改选专家，或作为采购人代表", a.Name)
		}
		if a.ExpertState == account.Paused || a.ExpertState == account.Retired {
			return fault.New(fault.Invalid, "%s已暂停抽取或退出专家库，请改选其他专家", a.Name)
		}
	case BuyerSeat:
		if !own {
			return fault.New(fault.Invalid, "采购人代表应是%s的工作人员", t.BuyerName)
		}
	default:
		return fault.New(fault.Invalid, "请选择评审专家或采购人代表")
	}
	return free(ctx, d, t, a, seat, ties)
}

// tiesOf are the ties of a person to the buyer and the bidders of a tender.
func tiesOf(ctx context.Context, d bun.IDB, t tender.Tender, a account.Account, now time.Time) ([]interest.Tie, error) {
	set, err := t.RuleSet(now)
	if err != nil {
		return nil, err
	}
	parties, err := interest.Parties(ctx, d, t)
	if err != nil {
		return nil, err
	}
	return interest.OfPerson(ctx, d, a, parties, set, now)
}

// free refuses a person who must stand aside: for a tie, or because they
// opened the bids.
func free(ctx context.Context, d bun.IDB, t tender.Tender, a account.Account, seat Seat, ties []interest.Tie) error {
	for _, x := range ties {
		if x.Org != t.Buyer || seat == ExpertSeat {
			return fault.New(fault.Invalid, "%s须回避：%s（%s）", a.Name, tieText(t, x), x.Rule.Source()).Under(x.Rule.Source())
		}
	}
	return apart(ctx, d, t, a)
}

// tieText says whom a tie is to, and what it is.
func tieText(t tender.Tender, x interest.Tie) string {
	role := "投标人"
	if x.Org == t.Buyer {
		role = "采购人"
	}
	return role + "“" + x.Name + "”：" + x.Why
}

// Remove takes a member off the panel before the evaluation begins.
func (s *Service) Remove(ctx context.Context, who party.Actor, tenderID, member id.ID) error {
	return s.change(ctx, who, tenderID, "panel", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		if t.State == tender.Evaluating {
			return fault.New(fault.Conflict, "评审已经开始，评审小组不再变动")
		}
		if err := db.One(tx.NewDelete().Model((*Member)(nil)).Where("id = ? AND tender = ? AND chosen = ?", member, t.ID, Named).Exec(ctx)); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "移出评审小组成员", "", "", false)
	})
}

// Begin closes the panel and lets it see the bids.
func (s *Service) Begin(ctx context.Context, who party.Actor, tenderID id.ID) error {
	return s.change(ctx, who, tenderID, "evaluate", func(ctx context.Context, tx bun.Tx, t *tender.Tender, now time.Time) error {
		members, err := membersOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		set, err := t.RuleSet(now)
		if err != nil {
			return err
		}
		if err := s.composed(ctx, tx, *t, now); err != nil {
			return err
		}
		if done, err := s.checkEligible(ctx, tx, who, t, set, now); done || err != nil {
			return err
		}
		if err := s.untied(ctx, tx, *t, members, now); err != nil {
			return err
		}
		if err := s.tenders.Advance(ctx, tx, t, tender.Evaluating); err != nil {
			return err
		}
		return note(ctx, tx, who, now, t.ID, "开始评审", "", set.Of(t.Method, "panel_size").Source(), true)
	})
}

// untied refuses members who must stand aside now: somebody may have joined a
// bidder, or been found to have, since they were named.
func (s *Service) untied(ctx context.Context, d bun.IDB, t tender.Tender, members []Member, now time.Time) error {
	for _, m := range members {
		var a account.Account
		if err := db.Found(d.NewSelect().Model(&a).Where("id = ?", m.Account).Scan(ctx), "账号"); err != nil {
			return err
		}
		ties, err := tiesOf(ctx, d, t, a, now)
		if err != nil {
			return err
		}
		if err := free(ctx, d, t, a, m.Seat, ties); err != nil {
			var c fault.Check
			c.Adopt("members", err)
			return c.Err()
		}
	}
	return nil
}

// Panel lists the members, for the buyer and the panel itself.
func (s *Service) Panel(ctx context.Context, who party.Actor, tenderID id.ID) ([]Member, error) {
	if err := s.May(ctx, who, tenderID, "follow_panel"); err != nil {
		return nil, err
	}
	return membersOf(ctx, s.db, tenderID)
}

func membersOf(ctx context.Context, d bun.IDB, tenderID id.ID) ([]Member, error) {
	out := []Member{}
	err := d.NewSelect().Model(&out).Where("tender = ? AND stood_aside = ''", tenderID).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

// StoodAside lists who left the panel of a tender and why.
func (s *Service) StoodAside(ctx context.Context, who party.Actor, tenderID id.ID) ([]Member, error) {
	if err := s.May(ctx, who, tenderID, "follow_panel"); err != nil {
		return nil, err
	}
	out := []Member{}
	err := s.db.NewSelect().Model(&out).Where("tender = ? AND stood_aside <> ''", tenderID).Order("id").Scan(ctx)
	return out, db.Translate(err)
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, tenderID id.ID, action, text, article string, public bool) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "tender", ObjectID: tenderID, Action: action, Note: text, Article: article, Public: public})
}

// Candidate is somebody who could sit on the panel, with why they must not.
type Candidate struct {
	Login       string `json:"login"`
	Name        string `json:"name"`
	Employer    string `json:"employer,omitempty"`
	Specialties string `json:"specialties,omitempty"`
	Seat        Seat   `json:"seat"`
	Refusal     string `json:"refusal,omitempty"` // "" when they may sit
}

// maxCandidates bounds the list an officer chooses from; text narrows it.
const maxCandidates = 100

// Candidates lists experts and the buyer's own people who are not on the
// panel, with who must stand aside and why. text is part of a name, an
// employer or a specialty.
func (s *Service) Candidates(ctx context.Context, who party.Actor, tenderID id.ID, text string) ([]Candidate, error) {
	t, err := tender.Read(ctx, s.db, tenderID)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	if err := s.require(ctx, s.db, who, t, "panel", now); err != nil {
		return nil, err
	}
	var people []account.Account
	q := s.db.NewSelect().Model(&people).Where("id NOT IN (SELECT account FROM panel_member WHERE tender = ?)", t.ID).
		Where("expert = ? AND expert_state = ? OR id IN (SELECT account FROM membership WHERE organisation = ? AND ended_at IS NULL)", true, account.Active, t.Buyer).
		Order("name", "id").Limit(maxCandidates)
	if text != "" {
		like := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
		q = q.Where("name LIKE ? ESCAPE '!' OR employer LIKE ? ESCAPE '!' OR specialties LIKE ? ESCAPE '!'", like, like, like)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, db.Translate(err)
	}
	out := make([]Candidate, 0, len(people))
	for _, a := range people {
		x := Candidate{Login: a.Login, Name: a.Name, Employer: a.Employer, Specialties: a.Specialties, Seat: ExpertSeat}
		if !a.Expert {
			x.Seat = BuyerSeat
		}
		err := s.eligible(ctx, s.db, t, a, x.Seat, now)
		if f, ok := errors.AsType[*fault.Fault](err); ok && f.Kind == fault.Invalid {
			x.Refusal = f.Message
		} else if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}
