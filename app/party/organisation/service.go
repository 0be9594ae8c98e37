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
	"gongji/app/kernel/names"
	"gongji/app/kernel/uscc"
	"gongji/app/party"
	"gongji/app/party/account"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// Service keeps the register.
type Service struct {
	db       *bun.DB
	clock    clock.Clock
	policy   *policy.Policy
	accounts *account.Service
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, a *account.Service) *Service {
	return &Service{db: d, clock: c, policy: p, accounts: a}
}

// Profile is what an organisation says about itself.
type Profile struct {
	Name        string `json:"name" description:"登记证书上的全称"`
	USCC        string `json:"uscc" description:"18 位统一社会信用代码"`
	Region      string `json:"region" description:"省市区，例如 四川省成都市武侯区"`
	Address     string `json:"address,omitempty"`
	LegalPerson string `json:"legal_person,omitempty" description:"法定代表人；不公开"`
	Summary     string `json:"summary,omitempty" description:"一两句话介绍业务范围"`
	Rating      string `json:"rating,omitempty" enum:",1A,2A,3A,4A,5A" description:"社会组织评估等级"`
}

// tidy takes out what draws nothing or turns its neighbours round; of the
// summary the lines stay.
func (p *Profile) tidy() {
	for _, s := range []*string{&p.Name, &p.USCC, &p.Region, &p.Address, &p.LegalPerson, &p.Rating} {
		*s = names.Clean(*s, 1000)
	}
	lines := strings.Split(p.Summary, "\n")
	for i := range lines {
		lines[i] = names.Clean(lines[i], 4000)
	}
	p.Summary = strings.TrimSpace(strings.Join(lines, "\n"))
}

func (p *Profile) check(c *fault.Check) {
	p.tidy()
	n := utf8.RuneCountInString(p.Name)
	c.Must(n >= 2 && n <= 120, "org_name", "请填写登记证书上的全称，2–120 个看得见的字")
	code, err := uscc.Check(p.USCC)
	c.Adopt("uscc", err)
	p.USCC = code
	c.Must(p.Region != "" && utf8.RuneCountInString(p.Region) <= 60, "region", "请填写所在地，例如 四川省成都市武侯区")
	c.Must(utf8.RuneCountInString(p.Address) <= 200, "address", "地址不超过 200 个字")
	c.Must(utf8.RuneCountInString(p.LegalPerson) <= 60, "legal_person", "法定代表人不超过 60 个字")
	c.Must(utf8.RuneCountInString(p.Summary) <= 2000, "summary", "介绍不超过 2000 个字")
	c.Must(p.Rating == "" || len(p.Rating) == 2 && p.Rating[0] >= '1' && p.Rating[0] <= '5' && p.Rating[1] == 'A',
		"rating", "评估等级应为 1A 至 5A，未参加评估请留空")
}

// Registration is one form: the organisation and the person who answers for it.
type Registration struct {
	account.NewAccount
	Kind    party.OrgKind `json:"kind" enum:"social,foundation,community,evaluator,enterprise"`
	Profile Profile       `json:"organisation"`
}

// firstRole is what the person who registers an organisation is in it.
var firstRole = map[party.OrgKind]party.Role{
	party.Social: party.Lead, party.Evaluator: party.Lead, party.Community: party.Lead,
	party.Enterprise: party.Lead, party.Foundation: party.Approver,
}

// Register adds an organisation and its first account. An enterprise only
// gives, so it needs no review; every other kind waits for the registrar.
func (s *Service) Register(ctx context.Context, in Registration) (Organisation, error) {
	var c fault.Check
	in.Check(&c)
	in.Profile.check(&c)
	role, ok := firstRole[in.Kind]
	c.Must(ok, "kind", "请选择组织类型；国家机关账号由平台管理员开通")
	if err := c.Err(); err != nil {
		return Organisation{}, err
	}
	now := s.clock.Now()
	o := Organisation{ID: id.New(now), Kind: in.Kind, State: Pending, CreatedAt: now}
	if in.Kind == party.Enterprise {
		o.State = Approved
	}
	o.put(in.Profile)
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := s.free(ctx, tx, o); err != nil {
			return err
		}
		who, err := s.accounts.Create(ctx, tx, in.NewAccount)
		if err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&o).Exec(ctx); err != nil {
			return err
		}
		if _, err := s.accounts.Join(ctx, tx, who, o.ID, role); err != nil {
			return err
		}
		actor := party.Actor{Account: who, Org: o.ID, OrgName: o.Name, OrgKind: o.Kind, Role: role}
		return record(ctx, tx, actor, now, o.ID, "提交登记", "")
	})
	return o, err
}

func (o *Organisation) put(p Profile) {
	o.Name, o.Region, o.Address, o.LegalPerson, o.Summary, o.Rating = p.Name, p.Region, p.Address, p.LegalPerson, p.Summary, p.Rating
	o.USCC = &p.USCC
}

func (s *Service) free(ctx context.Context, tx bun.Tx, o Organisation) error {
	taken, err := tx.NewSelect().Model((*Organisation)(nil)).Where("uscc = ? AND id <> ?", o.Code(), o.ID).Exists(ctx)
	if err != nil {
		return db.Translate(err)
	}
	if taken {
		var c fault.Check
		c.Fail("uscc", "这个统一社会信用代码已经登记过。若是您的组织，请联系已登记的同事把您加为成员")
		return c.Err()
	}
	return nil
}

func record(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, org id.ID, action, note string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "organisation", ObjectID: org, Action: action, Note: note})
}

// relations are what an actor is to an organisation, beyond what they are to
// the product as a whole.
func relations(who party.Actor, o Organisation) []string {
	rel := who.Relations()
	if who.Org == o.ID && who.Org != "" {
		rel = append(rel, "member", "member."+string(who.Role))
	}
	return rel
}

// unlisted are the kinds that the public directory leaves out: an enterprise is
// here as a donor, and who gives is not ours to publish.
var unlisted = []party.OrgKind{party.Enterprise, party.Platform}

// object is what the policy knows the organisation as.
func (o Organisation) object() string {
	if o.State == Approved && slices.Contains(unlisted, o.Kind) {
		return "organisation.unlisted"
	}
	return "organisation." + string(o.State)
}

// May is the one authorisation function of an organisation.
func (s *Service) May(ctx context.Context, who party.Actor, org id.ID, action string) error {
	o, err := read(ctx, s.db, org, false)
	if err != nil {
		return err
	}
	return s.policy.Require(relations(who, o), o.object(), action)
}

// Allowed reports whether an action is open to the actor, for showing buttons.
func (s *Service) Allowed(who party.Actor, o Organisation, action string) bool {
	return s.policy.Any(relations(who, o), o.object(), action)
}

func read(ctx context.Context, d bun.IDB, org id.ID, lock bool) (Organisation, error) {
	var o Organisation
	q := d.NewSelect().Model(&o).Where("id = ?", org)
	if lock {
		q = db.Lock(q)
	}
	err := db.Found(q.Scan(ctx), "组织")
	return o, err
}

// Get reads an organisation that the actor may view: the public sees approved
// ones, members and registrars every state.
func (s *Service) Get(ctx context.Context, who party.Actor, org id.ID) (Organisation, error) {
	o, err := read(ctx, s.db, org, false)
	if err != nil {
		return o, err
	}
	return o, s.policy.Require(relations(who, o), o.object(), "view")
}

// Approved reads an organisation inside a transaction and refuses unless it
// may take part: the gate of every bid, award and payment.
func (s *Service) Approved(ctx context.Context, d bun.IDB, org id.ID) (Organisation, error) {
	o, err := read(ctx, d, org, false)
	if err == nil && o.State != Approved {
		err = fault.New(fault.Forbidden, "“%s”的登记尚未通过审核，暂不能参与", o.Name)
	}
	return o, err
}

// Decide approves a registration or sends it back with a reason.
func (s *Service) Decide(ctx context.Context, who party.Actor, org id.ID, approve bool, reason string) error {
	reason = strings.TrimSpace(reason)
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		o, err := read(ctx, tx, org, true)
		if err != nil {
			return err
		}
		if err := s.policy.Require(relations(who, o), o.object(), "review"); err != nil {
			return err
		}
		action := "审核通过"
		o.State = Approved
		if !approve {
			if reason == "" {
				var c fault.Check
				c.Fail("reason", "请写明退回的原因，对方据此修改")
				return c.Err()
			}
			o.State, action = Rejected, "退回修改"
		}
		now := s.clock.Now()
		o.Reason, o.ReviewedAt, o.ReviewedBy = reason, &now, &who.Account
		if err := db.One(tx.NewUpdate().Model(&o).Column("state", "reason", "reviewed_at", "reviewed_by").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return record(ctx, tx, who, now, org, action, reason)
	})
}

// spelt is an organisation's name as SQL compares it: brackets of both widths,
// capitals and spaces make no other name.
const spelt = "REPLACE(REPLACE(REPLACE(LOWER(name), '（', '('), '）', ')'), ' ', '')"

// Namesakes are the other approved organisations with the same name, which a
// registrar must have seen before another is approved under it.
func (s *Service) Namesakes(ctx context.Context, who party.Actor, org id.ID) ([]Organisation, error) {
	o, err := read(ctx, s.db, org, false)
	if err != nil {
		return nil, err
	}
	if err := s.policy.Require(relations(who, o), o.object(), "review"); err != nil {
		return nil, err
	}
	out := []Organisation{}
	name := strings.NewReplacer("（", "(", "）", ")", " ", "").Replace(strings.ToLower(o.Name))
	err = s.db.NewSelect().Model(&out).Where(spelt+" = ? AND id <> ? AND state = ?", name, org, Approved).Order("id").Limit(20).Scan(ctx)
	return out, db.Translate(err)
}

// Amend changes the profile. A registration that was sent back, or whose name
// or code changes, goes to the registrar (again).
func (s *Service) Amend(ctx context.Context, who party.Actor, org id.ID, p Profile) error {
	var c fault.Check
	p.check(&c)
	if err := c.Err(); err != nil {
		return err
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		o, err := read(ctx, tx, org, true)
		if err != nil {
			return err
		}
		if err := s.policy.Require(relations(who, o), o.object(), "edit"); err != nil {
			return err
		}
		if o.Kind != party.Enterprise && (o.State == Rejected || o.Name != p.Name || o.Code() != p.USCC) {
			o.State = Pending
		}
		o.put(p)
		if err := s.free(ctx, tx, o); err != nil {
			return err
		}
		if err := db.One(tx.NewUpdate().Model(&o).
			Column("name", "uscc", "region", "address", "legal_person", "summary", "rating", "state").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return record(ctx, tx, who, s.clock.Now(), org, "修改登记资料", "")
	})
}

// Filter narrows a list; zero fields do not.
type Filter struct {
	Kind  party.OrgKind
	State State
	Text  string // part of the name
	After id.ID  // keyset: rows with a smaller id, newest first
	Limit int    // 0 means 20
}

// List gives organisations the actor may view, newest first.
func (s *Service) List(ctx context.Context, who party.Actor, f Filter) ([]Organisation, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 20
	}
	var out []Organisation
	q := s.narrow(s.db.NewSelect().Model(&out), who, f).Order("id DESC").Limit(int64(f.Limit))
	if f.After != "" {
		q = q.Where("id < ?", f.After)
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// Count says how many organisations a filter finds for the actor.
func (s *Service) Count(ctx context.Context, who party.Actor, f Filter) (int, error) {
	n, err := s.narrow(s.db.NewSelect().Model((*Organisation)(nil)), who, f).Count(ctx)
	return int(n), db.Translate(err)
}

// narrow applies a filter, and to those who may not see others' registrations
// shows the approved ones only.
func (s *Service) narrow(q *bun.SelectQuery, who party.Actor, f Filter) *bun.SelectQuery {
	if !s.policy.Any(who.Relations(), "organisation."+string(Pending), "view") {
		f.State = Approved
		q = q.Where("kind NOT IN (?)", bun.List(unlisted))
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Text != "" {
		q = q.Where("name LIKE ? ESCAPE '!'", "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(f.Text)+"%")
	}
	return q
}

// Timeline lists what happened to an organisation's registration.
func (s *Service) Timeline(ctx context.Context, who party.Actor, org id.ID) ([]trail.Event, error) {
	o, err := s.Get(ctx, who, org)
	if err != nil {
		return nil, err
	}
	return trail.Of(ctx, s.db, "organisation", org, !s.Allowed(who, o, "edit") && !s.Allowed(who, o, "review"))
}
