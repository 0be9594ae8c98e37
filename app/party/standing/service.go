package standing

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/party"
	"gongji/app/party/inbox"
	"gongji/app/party/organisation"
	"gongji/app/trust/number"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service decides listings.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	orgs     *organisation.Service
	calendar *calendar.Calendar
	entries  map[string]Entry // what may be answered, by kind
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, o *organisation.Service, cal *calendar.Calendar) *Service {
	s := &Service{db: d, clock: c, policy: p, orgs: o, calendar: cal}
	s.entries = map[string]Entry{ObjectKind: s.entry}
	return s
}

// relations are what an actor is to a listing: of its authority (whoever
// drafted it never decides it) or of the organisation it is about.
func relations(who party.Actor, l Listing) []string {
	rel := who.To("authority", l.Authority, l.DraftedBy)
	if who.Org != "" && who.Org == l.Organisation {
		rel = append(rel, "listed", "listed."+string(who.Role))
	}
	return rel
}

func (s *Service) require(who party.Actor, l Listing, action string) error {
	return s.policy.Require(relations(who, l), ObjectKind+"."+string(l.At(s.clock.Now())), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, l Listing, action string) bool {
	return s.require(who, l, action) == nil
}

// MayCreate reports whether the actor's office draws up listings.
func (s *Service) MayCreate(who party.Actor) bool {
	return s.policy.Any(who.Relations(), ObjectKind+".new", "create")
}

// May is the one authorisation function of a listing and its files.
func (s *Service) May(ctx context.Context, who party.Actor, listing id.ID, action string) error {
	l, err := read(ctx, s.db, listing, false)
	if err != nil {
		return err
	}
	return s.require(who, l, action)
}

// change runs one decision on a listing with its organisation and itself
// locked: no gate of that organisation is passed meanwhile.
func (s *Service) change(ctx context.Context, who party.Actor, listing id.ID, action string,
	fn func(ctx context.Context, tx bun.Tx, l *Listing, now time.Time) error) (Listing, error) {
	var l Listing
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if l, err = read(ctx, tx, listing, false); err != nil {
			return err
		}
		if err := lockOrg(ctx, tx, l.Organisation); err != nil {
			return err
		}
		if l, err = read(ctx, tx, listing, true); err != nil {
			return err
		}
		if err := s.require(who, l, action); err != nil {
			return err
		}
		if err := fn(ctx, tx, &l, s.clock.Now()); err != nil {
			return err
		}
		return db.One(tx.NewUpdate().Model(&l).ExcludeColumn("id", "organisation", "authority", "drafted_by", "noticed_at").WherePK().Exec(ctx))
	})
	return l, err
}

// Intent is what the authority means to decide.
type Intent struct {
	Kind         string `json:"kind" enum:"serious,ban,abnormal"`
	Organisation string `json:"organisation" description:"统一社会信用代码，或者组织在平台上的编号"`
	Reason       string `json:"reason" description:"事实和理由；决定后向社会公开，不写个人信息"`
	Months       string `json:"months,omitempty" description:"期限，月；只有禁止参加政府采购填写，12–36"`
}

// Notify tells an organisation what the authority means to decide, why and
// under which article, and opens its time to state its case (告知). Whoever
// sends it does not decide.
func (s *Service) Notify(ctx context.Context, who party.Actor, in Intent) (Listing, error) {
	if err := s.policy.Require(who.Relations(), ObjectKind+".new", "create"); err != nil {
		return Listing{}, err
	}
	var l Listing
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		now := s.clock.Now()
		var c fault.Check
		kind, ok := rules.ListingByID(in.Kind)
		c.Must(ok, "kind", "请选择名单的种类")
		o, err := findOrg(ctx, tx, strings.TrimSpace(in.Organisation))
		if err != nil {
			return err
		}
		c.Must(o.ID != "", "organisation", "没有找到这个组织，请核对统一社会信用代码")
		c.Must(o.ID == "" || o.ID != who.Org, "organisation", "不能列入本单位")
		l = Listing{ID: id.New(now), Kind: in.Kind, Organisation: o.ID, OrgName: o.Name, Authority: who.Org, AuthorityName: who.OrgName,
			Reason: strings.TrimSpace(in.Reason), State: Noticed, DraftedBy: who.Account, NoticedAt: now, Demo: o.Demo}
		n := utf8.RuneCountInString(l.Reason)
		c.Must(n >= 10 && n <= 2000, "reason", "请写明事实和理由，10–2000 个字，决定后公开")
		set := rules.At(now)
		term(&c, &l, kind, in.Months, set)
		if err := c.Err(); err != nil {
			return err
		}
		region, demo, err := home(ctx, tx, who.Org)
		if err != nil {
			return err
		}
		var blocks []string
		l.Demo = l.Demo || demo
		blocks, l.Effect, l.Scope = kind.Effect(region, now)
		l.Article = set.Must(kind.Rule).Source()
		for _, b := range blocks {
			l.BlocksPurchase, l.BlocksFunding = l.BlocksPurchase || b == string(Purchase), l.BlocksFunding || b == string(Funding)
		}
		m, err := set.Clock(rules.StandingStatement, now, s.calendar)
		if err != nil {
			return err
		}
		if m.At == nil {
			return fault.New(fault.Conflict, "%s，暂不能计算陈述申辩的期限", m.Missing)
		}
		l.StatementUntil = m.At
		if _, err := tx.NewInsert().Model(&l).Exec(ctx); db.Duplicate(err) {
			return fault.New(fault.Conflict, "对“%s”的同一事项已经发出告知，请先作出决定", l.OrgName)
		} else if err != nil {
			return db.Translate(err)
		}
		if err := tell(ctx, tx, l, now, "拟将本单位列入“"+l.KindName()+"”", "请在 "+calendar.Until(*l.StatementUntil)+" 前陈述、申辩。"); err != nil {
			return err
		}
		return note(ctx, tx, who, now, l, "发出告知书", "陈述申辩至 "+calendar.Until(*l.StatementUntil), m.Rule.Source())
	})
	return l, err
}

// term reads the months of a kind that has a term (政府采购法第77条: one to
// three years).
func term(c *fault.Check, l *Listing, kind rules.Listing, typed string, set rules.Set) {
	typed = strings.TrimSpace(typed)
	if kind.TermMax == "" {
		c.Must(typed == "" || kind.ID == "", "months", "这种名单没有固定期限，请留空")
		return
	}
	least, most := set.Must(kind.TermMin), set.Must(kind.TermMax)
	var n int64
	if _, err := fmt.Sscanf(typed, "%d", &n); err != nil || fmt.Sprint(n) != typed || n < 12*least.Value || n > 12*most.Value {
		c.FailUnder(most.Source(), "months", "期限应为 %d 至 %d 个月（一至三年），请填写整数", 12*least.Value, 12*most.Value)
		return
	}
	l.Months = &n
}

// Ruling decides a listing that was told.
type Ruling struct {
	List   bool   `json:"list" description:"列入；否则不予列入"`
	Answer string `json:"answer" description:"决定的理由；提出了陈述申辩的，写明是否采纳"`
	Begins string `json:"begins,omitempty" description:"生效日，例如 2026-12-01；留空即日生效"`
}

// Decide lists the organisation or drops the matter: by another person than
// who drafted it, once the organisation was heard or its time is over.
func (s *Service) Decide(ctx context.Context, who party.Actor, listing id.ID, in Ruling) (Listing, error) {
	in.Answer = strings.TrimSpace(in.Answer)
	return s.change(ctx, who, listing, "decide", func(ctx context.Context, tx bun.Tx, l *Listing, now time.Time) error {
		var c fault.Check
		n := utf8.RuneCountInString(in.Answer)
		c.Must(n >= 5 && n <= 2000, "answer", "请写明决定的理由，5–2000 个字；对方提出了陈述申辩的，写明是否采纳")
		begins := calendar.Typed(&c, "begins", in.Begins)
		if begins != nil {
			c.Must(begins.After(now) && begins.Before(now.AddDate(0, 0, 31)), "begins", "生效日应在明天以后、30 日以内；即日生效的请留空")
		}
		if err := c.Err(); err != nil {
			return err
		}
		rule := rules.At(now).Must(rules.StandingStatement)
		if in.List && l.StatementAt == nil && l.StatementUntil != nil && now.Before(*l.StatementUntil) {
			return fault.New(fault.Conflict, "对方可以陈述、申辩到 %s，收到陈述或者期限届满后才能决定", calendar.Until(*l.StatementUntil)).Under(rule.Source())
		}
		l.Answer, l.DecidedBy, l.DecidedAt = in.Answer, &who.Account, &now
		if !in.List {
			l.State = Withdrawn
			if err := tell(ctx, tx, *l, now, "不予列入“"+l.KindName()+"”", in.Answer); err != nil {
				return err
			}
			return note(ctx, tx, who, now, *l, "决定不予列入", in.Answer, l.Article)
		}
		l.State, l.BeginsAt = InForce, &now
		if begins != nil {
			from := clock.Trunc(*begins)
			l.BeginsAt = &from
		}
		if l.Months != nil {
			until := clock.Trunc(ends(*l.BeginsAt, int(*l.Months)))
			l.UntilAt = &until
		}
		year := now.In(clock.Beijing).Year()
		no, err := number.Next(ctx, tx, number.Scope("listing", string(l.Authority), year))
		if err != nil {
			return err
		}
		l.Number = fmt.Sprintf("信用决定〔%d〕%04d号", year, no)
		if err := tell(ctx, tx, *l, now, "已列入“"+l.KindName()+"”", in.Answer+"。不服的，可以在决定页提出异议。"); err != nil {
			return err
		}
		return public(ctx, tx, who, now, *l, "决定列入并公布", l.Number)
	})
}

// ends is the end, exclusive, of a term of months that begins at a moment: the
// same day of the last month counts (民法典201–202).
func ends(begins time.Time, months int) time.Time {
	d := calendar.Date(begins)
	to := d.AddDate(0, months, 0)
	if to.Day() != d.Day() {
		to = to.AddDate(0, 0, -to.Day())
	}
	return to.AddDate(0, 0, 1)
}

// State lets the organisation state its case in time (陈述申辩); once.
func (s *Service) State(ctx context.Context, who party.Actor, listing id.ID, text string) (Listing, error) {
	text, err := words("statement", text, "请写明陈述、申辩的意见")
	if err != nil {
		return Listing{}, err
	}
	return s.change(ctx, who, listing, "state", func(ctx context.Context, tx bun.Tx, l *Listing, now time.Time) error {
		if l.StatementAt != nil {
			return fault.New(fault.Conflict, "已经提交过陈述申辩，决定机关正在考虑")
		}
		if l.StatementUntil != nil && !now.Before(*l.StatementUntil) {
			return fault.New(fault.TooLate, "陈述申辩的期限已于 %s截止；作出决定后仍可以提出异议", calendar.Until(*l.StatementUntil)).
				Under(rules.At(now).Must(rules.StandingStatement).Source())
		}
		l.Statement, l.StatementBy, l.StatementAt = text, &who.Account, &now
		if err := send(ctx, tx, l.Authority, *l, now, "“"+l.OrgName+"”提交了陈述申辩", "请在决定时写明是否采纳。"); err != nil {
			return err
		}
		return note(ctx, tx, who, now, *l, "提交陈述申辩", "", "")
	})
}

func words(field, text, ask string) (string, error) {
	text = strings.TrimSpace(text)
	n := utf8.RuneCountInString(text)
	var c fault.Check
	c.Must(n >= 5 && n <= 2000, field, "%s，5–2000 个字", ask)
	return text, c.Err()
}

func href(l Listing) string { return "/listings/" + string(l.ID) }

func tell(ctx context.Context, tx bun.Tx, l Listing, at time.Time, title, text string) error {
	return send(ctx, tx, l.Organisation, l, at, title, text)
}

func send(ctx context.Context, tx bun.Tx, org id.ID, l Listing, at time.Time, title, text string) error {
	return inbox.Send(ctx, tx, at, []inbox.To{{Organisation: org}}, inbox.Letter{Title: title, Text: text, Link: href(l)})
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, l Listing, action, text, article string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: ObjectKind, ObjectID: l.ID, Action: action, Note: text, Article: article})
}

// public is note where everybody reads it.
func public(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, l Listing, action, text string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: ObjectKind, ObjectID: l.ID, Action: action, Note: text, Article: l.Article, Public: true})
}
