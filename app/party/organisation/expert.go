package organisation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// expertObject is what the policy calls the register.
const expertObject = "expert.new"

// Enlist enters the account with a login in the expert register, or amends its
// entry. Registrars and the platform's administrators may; the employer is
// what conflicts of interest are found by (政府采购法实施条例第9条).
func (s *Service) Enlist(ctx context.Context, who party.Actor, login string, x account.Expertise) error {
	if err := s.policy.Require(who.Relations(), expertObject, "enlist"); err != nil {
		return err
	}
	var c fault.Check
	checkExpertise(&c, &x)
	if err := c.Err(); err != nil {
		return err
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		person, err := s.accounts.ByLogin(ctx, tx, login)
		if fault.Is(err, fault.NotFound) {
			c.Fail("login", "没有这个登录名。请专家先以个人身份注册，再录入其登录名")
			return c.Err()
		}
		if err != nil {
			return err
		}
		if err := s.accounts.Enlist(ctx, tx, person, x); err != nil {
			return err
		}
		return expertNote(ctx, tx, who, s.clock.Now(), person, "录入评审专家库", "")
	})
}

func expertNote(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, person id.ID, action, text string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "account", ObjectID: person, Action: action, Note: text})
}

func checkExpertise(c *fault.Check, x *account.Expertise) {
	for _, f := range []*string{&x.Employer, &x.Specialties, &x.Region, &x.IDTail} {
		*f = strings.TrimSpace(*f)
	}
	x.IDTail = strings.ToUpper(x.IDTail)
	c.Must(x.Employer != "" && utf8.RuneCountInString(x.Employer) <= 120, "employer", "请填写工作单位全称，没有单位请写“无”；据此发现利害关系")
	c.Must(utf8.RuneCountInString(x.Specialties) <= 200, "specialties", "专业不超过 200 个字")
	c.Must(utf8.RuneCountInString(x.Region) <= 60, "region", "所在地不超过 60 个字")
	c.Must(x.IDTail == "" || tailOK(x.IDTail), "id_tail", "证件号码后四位应为 4 个数字，最后一位可以是 X")
}

func tailOK(s string) bool {
	if len(s) != 4 {
		return false
	}
	for i, r := range s {
		if (r < '0' || r > '9') && (i != 3 || r != 'X') {
			return false
		}
	}
	return true
}

// Expert is one entry of the register, as registrars see it.
type Expert struct {
	Account     id.ID            `bun:"id" json:"account"`
	Login       string           `bun:"login" json:"login"`
	Name        string           `bun:"name" json:"name"`
	Employer    string           `bun:"employer" json:"employer"`
	Specialties string           `bun:"specialties" json:"specialties"`
	Region      string           `bun:"expert_region" json:"region"`
	State       account.Standing `bun:"expert_state" json:"state"`
	IDTail      string           `bun:"id_tail" json:"id_tail,omitempty"`
}

// ExpertFilter narrows the register; zero fields do not.
type ExpertFilter struct {
	Text      string // part of a name or of an employer
	Specialty string
	Region    string // how the place begins
	State     account.Standing
	After     id.ID // keyset: newest entries first
	Limit     int   // 0 means 20, at most 200
}

func (f ExpertFilter) apply(q *bun.SelectQuery) *bun.SelectQuery {
	q = q.TableExpr("account").Where("expert = ?", true)
	like := func(s string) string { return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) }
	if f.Text != "" {
		q = q.Where("(name LIKE ? ESCAPE '!' OR employer LIKE ? ESCAPE '!')", "%"+like(f.Text)+"%", "%"+like(f.Text)+"%")
	}
	if f.Specialty != "" {
		q = q.Where("('、' || specialties || '、') LIKE ? ESCAPE '!'", "%、"+like(f.Specialty)+"、%")
	}
	if f.Region != "" {
		q = q.Where("expert_region LIKE ? ESCAPE '!'", like(f.Region)+"%")
	}
	if f.State != "" {
		q = q.Where("expert_state = ?", f.State)
	}
	return q
}

// Experts lists the register for those who keep it, newest entries first.
func (s *Service) Experts(ctx context.Context, who party.Actor, f ExpertFilter) ([]Expert, error) {
	if err := s.policy.Require(who.Relations(), expertObject, "view"); err != nil {
		return nil, err
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 20
	}
	out := []Expert{}
	q := f.apply(s.db.NewSelect()).Column("id", "login", "name", "employer", "specialties", "expert_region", "expert_state", "id_tail").
		Order("id DESC").Limit(int64(f.Limit))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err := q.Scan(ctx, &out)
	return out, db.Translate(err)
}

// CountExperts says how many experts a filter finds.
func (s *Service) CountExperts(ctx context.Context, who party.Actor, f ExpertFilter) (int, error) {
	if err := s.policy.Require(who.Relations(), expertObject, "view"); err != nil {
		return 0, err
	}
	n, err := f.apply(s.db.NewSelect()).Count(ctx)
	return int(n), db.Translate(err)
}

// Specialties lists the specialties that somebody in the register has, for
// choosing from.
func (s *Service) Specialties(ctx context.Context) ([]string, error) {
	var rows []string
	if err := s.db.NewSelect().TableExpr("account").ColumnExpr("DISTINCT specialties").
		Where("expert = ? AND expert_state = ?", true, account.Active).Scan(ctx, &rows); err != nil {
		return nil, db.Translate(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, account.Specialties(r)...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// ExpertEntry is one expert with where they worked and what was entered when.
type ExpertEntry struct {
	Expert
	Employments []account.Employment `json:"employments"`
	Events      []trail.Event        `json:"events"`
}

// ExpertOf reads one entry of the register.
func (s *Service) ExpertOf(ctx context.Context, who party.Actor, person id.ID) (ExpertEntry, error) {
	var out ExpertEntry
	if err := s.policy.Require(who.Relations(), expertObject, "view"); err != nil {
		return out, err
	}
	err := db.Found((ExpertFilter{}).apply(s.db.NewSelect()).Column("id", "login", "name", "employer", "specialties", "expert_region", "expert_state", "id_tail").
		Where("id = ?", person).Scan(ctx, &out.Expert), "专家")
	if err != nil {
		return out, err
	}
	if out.Employments, err = account.Employments(ctx, s.db, person); err != nil {
		return out, err
	}
	out.Events, err = trail.Of(ctx, s.db, "account", person, false)
	return out, err
}

// expertChange locks an entry of the register and changes it.
func (s *Service) expertChange(ctx context.Context, who party.Actor, person id.ID, fn func(context.Context, bun.Tx, account.Account, time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := s.policy.Require(who.Relations(), expertObject, "enlist"); err != nil {
			return err
		}
		var a account.Account
		if err := db.Found(db.Lock(tx.NewSelect().Model(&a).Where("id = ? AND expert = ?", person, true)).Scan(ctx), "专家"); err != nil {
			return err
		}
		return fn(ctx, tx, a, s.clock.Now())
	})
}

// StandExpert pauses an expert, takes them out of the register or brings them
// back; paused and retired experts are not drawn. The reason stays on record.
func (s *Service) StandExpert(ctx context.Context, who party.Actor, person id.ID, to account.Standing, reason string) error {
	reason = strings.TrimSpace(reason)
	words := map[account.Standing]string{account.Active: "恢复抽取", account.Paused: "暂停抽取", account.Retired: "退出专家库"}
	var c fault.Check
	c.Must(words[to] != "", "state", "请选择在库、暂停或退出")
	c.Must(reason != "" && utf8.RuneCountInString(reason) <= 500, "reason", "请写明原因，不超过 500 字")
	if err := c.Err(); err != nil {
		return err
	}
	return s.expertChange(ctx, who, person, func(ctx context.Context, tx bun.Tx, _ account.Account, now time.Time) error {
		if err := db.One(tx.NewUpdate().Model((*account.Account)(nil)).Set("expert_state = ?", to).Where("id = ?", person).Exec(ctx)); err != nil {
			return err
		}
		return expertNote(ctx, tx, who, now, person, words[to], reason)
	})
}

// Worked is a former employer of an expert as the registrar enters it.
type Worked struct {
	Employer string     `json:"employer" description:"单位全称"`
	From     *time.Time `json:"from,omitempty" description:"起，可以不填"`
	Until    *time.Time `json:"until" description:"止"`
}

// AddEmployment enters where an expert worked before (条例第9条 looks back
// three years).
func (s *Service) AddEmployment(ctx context.Context, who party.Actor, person id.ID, in Worked) error {
	in.Employer = strings.TrimSpace(in.Employer)
	now := s.clock.Now()
	var c fault.Check
	c.Must(in.Employer != "" && utf8.RuneCountInString(in.Employer) <= 120, "past_employer", "请填写单位全称，不超过 120 字")
	checkSpan(&c, in.From, in.Until, now)
	c.Must(in.Until != nil, "until", "请填写离开的日期；现在的单位请改“工作单位”")
	if err := c.Err(); err != nil {
		return err
	}
	return s.expertChange(ctx, who, person, func(ctx context.Context, tx bun.Tx, _ account.Account, now time.Time) error {
		row := account.Employment{ID: id.New(now), Account: person, Employer: in.Employer, From: in.From, Until: in.Until, EnteredBy: who.Account, EnteredAt: now}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return expertNote(ctx, tx, who, now, person, "录入过往单位", in.Employer)
	})
}

func checkSpan(c *fault.Check, from, until *time.Time, now time.Time) {
	for _, x := range []struct {
		name string
		at   *time.Time
	}{{"from", from}, {"until", until}} {
		c.Must(x.at == nil || x.at.Year() >= 1949 && !x.at.After(now.In(clock.Beijing).AddDate(0, 0, 1)), x.name, "请填写不晚于今天的日期")
	}
	c.Must(from == nil || until == nil || !until.Before(*from), "until", "止的日期不能早于起的日期")
}
