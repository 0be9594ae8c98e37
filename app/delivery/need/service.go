package need

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/delivery/survey"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// The platform's own limits, of one network address and need a day.
const (
	supportsADay = 20
	wordsADay    = 3
)

// Find says what a linked purchase, call or engagement is called; NotFound or
// Forbidden when the actor may not see it.
type Find func(ctx context.Context, who party.Actor, ref id.ID) (title string, err error)

// Service keeps needs.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
	voices *survey.Service
	find   map[Kind]Find
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy, v *survey.Service) *Service {
	return &Service{db: d, clock: c, policy: p, voices: v, find: map[Kind]Find{}}
}

// Met lets a kind of object meet needs. It is called while the product is put
// together.
func (s *Service) Met(k Kind, f Find) { s.find[k] = f }

func relations(who party.Actor, n Need) []string {
	return who.To(string(party.Community)+".own", n.Community, "")
}

// Require is the one authorisation function.
func (s *Service) Require(who party.Actor, n Need, action string) error {
	return s.policy.Require(relations(who, n), Object+"."+string(n.Step), action)
}

// Allowed reports whether an action is open, for showing buttons.
func (s *Service) Allowed(who party.Actor, n Need, action string) bool {
	return s.Require(who, n, action) == nil
}

// May is Require by id; it fits access.Registry.
func (s *Service) May(ctx context.Context, who party.Actor, need id.ID, action string) error {
	n, err := read(ctx, s.db, need)
	if err != nil {
		return err
	}
	return s.Require(who, n, action)
}

// Form is a need as typed.
type Form struct {
	Title   string `json:"title"`
	Body    string `json:"body" description:"现在怎样，希望怎样"`
	People  string `json:"people" description:"为谁，大约多少人"`
	Service string `json:"service,omitempty" description:"政府购买服务品目编码"`
	NextBy  string `json:"next_by,omitempty" description:"下一步最迟哪一天完成，公开，如 2026-06-30"`
	// ServiceName is the entry's name, filled by the caller from the catalogue.
	ServiceName string `json:"-"`
}

// worded is a need as typed, with the day until which its next step is promised.
func (s *Service) worded(who party.Actor, in Form) (Need, *time.Time, error) {
	var c fault.Check
	n := Need{Community: who.Org, CommunityName: who.OrgName, Title: strings.TrimSpace(in.Title), Body: strings.TrimSpace(in.Body), People: strings.TrimSpace(in.People),
		Service: in.Service, ServiceName: in.ServiceName, Step: Collected, MadeBy: who.Account}
	c.Must(n.Title != "" && utf8.RuneCountInString(n.Title) <= 40, "title", "请用一句话说出需求，不超过 40 个字")
	c.Must(utf8.RuneCountInString(n.Body) >= 10 && utf8.RuneCountInString(n.Body) <= 1000, "body", "请写明现在怎样、希望怎样，10 至 1000 个字")
	c.Must(n.People != "" && utf8.RuneCountInString(n.People) <= 60, "people", "请写明为谁、大约多少人，不超过 60 个字")
	c.Must(in.Service == "" || in.ServiceName != "", "service", "没有这个服务品目，请从菜单里选")
	by := promised(&c, in.NextBy, s.clock.Now())
	if err := s.policy.Require(who.Relations(), Object+".new", "list"); err != nil {
		return n, nil, err
	}
	return n, by, c.Err()
}

// furthest is how many 日 ahead a community may promise its next step.
const furthest = 366

// promised reads the last day of the next step as the end of that day; nil
// where none was typed.
func promised(c *fault.Check, typed string, now time.Time) *time.Time {
	day := calendar.Typed(c, "next_by", typed)
	if day == nil {
		return nil
	}
	end := clock.Trunc(day.AddDate(0, 0, 1))
	c.Must(now.Before(end) && end.Before(now.AddDate(0, 0, furthest)), "next_by", "请选择今天起一年以内的日期")
	return &end
}

// List a need: the first step. A community organisation does.
func (s *Service) List(ctx context.Context, who party.Actor, in Form) (Need, error) {
	n, by, err := s.worded(who, in)
	if err != nil {
		return n, err
	}
	err = db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) (err error) {
		n, err = s.enter(ctx, tx, who, n, by, "列出议题", s.clock.Now())
		return err
	})
	return n, err
}

// enter writes a new need with its first record.
func (s *Service) enter(ctx context.Context, tx bun.Tx, who party.Actor, n Need, by *time.Time, note string, now time.Time) (Need, error) {
	var o organisation.Organisation
	if err := db.Found(tx.NewSelect().Model(&o).Where("id = ? AND state = ?", who.Org, organisation.Approved).Scan(ctx), "社区"); err != nil {
		return n, err
	}
	n.ID, n.Region, n.MadeAt, n.NextBy = id.New(now), o.Region, now, by
	if _, err := tx.NewInsert().Model(&n).Exec(ctx); err != nil {
		return n, db.Translate(err)
	}
	return n, s.record(ctx, tx, who, n, Record{Step: Collected, Note: note}, now)
}

func (s *Service) record(ctx context.Context, tx bun.Tx, who party.Actor, n Need, r Record, now time.Time) error {
	k, err := tx.NewSelect().Model((*Record)(nil)).Where("need = ?", n.ID).Count(ctx)
	if err != nil {
		return db.Translate(err)
	}
	r.Need, r.Seq, r.By, r.DoneBy, r.DoneAt = n.ID, k+1, who.OrgName, who.Account, now
	if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
		return db.Translate(err)
	}
	return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: Object, ObjectID: n.ID, Action: r.Step.Name(), Note: r.Note, Public: true})
}

// change locks a need and lets do decide.
func (s *Service) change(ctx context.Context, who party.Actor, need id.ID, action string, do func(ctx context.Context, tx bun.Tx, n *Need, now time.Time) error) (Need, error) {
	var n Need
	err := db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		n = Need{}
		if err := db.Found(db.Lock(tx.NewSelect().Model(&n).Where("id = ?", need)).Scan(ctx), noun); err != nil {
			return err
		}
		if err := s.Require(who, n, action); err != nil {
			return err
		}
		return do(ctx, tx, &n, s.clock.Now())
	})
	return n, err
}

// Taking is a step as typed.
type Taking struct {
	Step   Step   `json:"step" description:"下一步；协商可以记多次；declined 表示不采纳"`
	HeldOn string `json:"held_on,omitempty" description:"协商会的日期，如 2026-06-01"`
	People string `json:"people,omitempty" description:"到会人数"`
	Note   string `json:"note" description:"做了什么，为什么，公开"`
	NextBy string `json:"next_by,omitempty" description:"再下一步最迟哪一天完成，公开，如 2026-06-30"`
}

// Take records the next step, one more consultation, or that the need is not
// taken up; each with what was done and why, in public. 协商 has its day and how
// many came; 监督 needs what meets the need.
func (s *Service) Take(ctx context.Context, who party.Actor, need id.ID, in Taking) (Need, error) {
	r := Record{Step: in.Step, Note: strings.TrimSpace(in.Note)}
	var c fault.Check
	c.Must(utf8.RuneCountInString(r.Note) >= 5 && utf8.RuneCountInString(r.Note) <= 1000, "note", "请写明做了什么、为什么，5 至 1000 个字")
	if in.Step == Consulted {
		day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(in.HeldOn), clock.Beijing)
		c.Must(err == nil, "held_on", "请填写协商会的日期，如 2026-06-01")
		day = clock.Trunc(day)
		r.HeldOn = &day
		for _, d := range strings.TrimSpace(in.People) {
			if d < '0' || d > '9' || r.People > 9999 {
				r.People = 0
				break
			}
			r.People = r.People*10 + int64(d-'0')
		}
		c.Must(r.People >= 2 && r.People <= 10000, "people", "请填写到会人数，2 至 10000")
	}
	by := promised(&c, in.NextBy, s.clock.Now())
	if err := c.Err(); err != nil {
		return Need{}, err
	}
	return s.change(ctx, who, need, "take", func(ctx context.Context, tx bun.Tx, n *Need, now time.Time) error {
		again := in.Step == Consulted && n.Step == Consulted
		down := in.Step == Declined && slices.Contains([]Step{Collected, Settled, Consulted}, n.Step)
		if !again && !down && in.Step != n.Next() {
			return fault.New(fault.Conflict, "议题现在是“%s”，下一步应为“%s”，请刷新页面", n.Step.Name(), n.Next().Name())
		}
		if r.HeldOn != nil {
			var c fault.Check
			c.Must(!r.HeldOn.After(now), "held_on", "协商会开过以后再记录")
			c.Must(r.HeldOn.After(n.MadeAt.AddDate(-1, 0, 0)), "held_on", "早于议题提出一年以上，请核对协商会的日期")
			if err := c.Err(); err != nil {
				return err
			}
		}
		if in.Step == Supervised {
			k, err := tx.NewSelect().Model((*Link)(nil)).Where("need = ?", n.ID).Count(ctx)
			if err != nil {
				return db.Translate(err)
			}
			if k == 0 {
				return fault.New(fault.Conflict, "请先关联满足这个议题的采购或资助，再进入监督")
			}
		}
		n.Step, n.NextBy = in.Step, by
		if n.Next() == "" {
			n.NextBy = nil // nothing comes any more
		}
		if err := db.One(tx.NewUpdate().Model(n).Column("step", "next_by").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return s.record(ctx, tx, who, *n, r, now)
	})
}

// Tie links a need to what meets it, by the address of its page.
func (s *Service) Tie(ctx context.Context, who party.Actor, need id.ID, address string) (Need, error) {
	kind, ref := pointed(address)
	find := s.find[kind]
	bad := func() error {
		var c fault.Check
		c.Fail("address", "请粘贴采购公告、征集公告或履约项目页面的网址")
		return c.Err()
	}
	if find == nil {
		return Need{}, bad()
	}
	title, err := find(ctx, party.Actor{}, ref) // as anyone sees it: the need's page is public
	if err != nil {
		if fault.KindOf(err) == fault.Unknown {
			return Need{}, err
		}
		return Need{}, bad()
	}
	return s.change(ctx, who, need, "tie", func(ctx context.Context, tx bun.Tx, _ *Need, now time.Time) error {
		if _, err := tx.NewInsert().Model(&Link{Need: need, Kind: kind, Ref: ref, Title: title, MadeBy: who.Account, MadeAt: now}).Exec(ctx); err != nil {
			if db.Duplicate(err) {
				return fault.New(fault.Conflict, "已经关联“%s”", title)
			}
			return db.Translate(err)
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: Object, ObjectID: need, Action: "关联" + kind.Name(), Note: title, Public: true})
	})
}

// pointed reads what an address of ours points at.
func pointed(address string) (Kind, id.ID) {
	address, _, _ = strings.Cut(strings.TrimSpace(address), "?")
	address, _, _ = strings.Cut(address, "#")
	parts := strings.Split(strings.TrimRight(address, "/"), "/")
	for i := range len(parts) - 1 {
		kind := map[string]Kind{"tenders": Tender, "calls": Call, "engagements": Engagement}[parts[i]]
		if kind != "" && id.Valid(parts[i+1]) {
			return kind, id.ID(parts[i+1])
		}
	}
	return "", ""
}

// Support counts one browser for a need, once. mark is the random word of its
// cookie. It is limited by network address and day; the number says how many
// browsers, not how many people.
func (s *Service) Support(ctx context.Context, need id.ID, mark, address string) error {
	if len(mark) < 16 {
		return fault.New(fault.Invalid, "请打开浏览器的 Cookie 再表示支持，这样同一台手机只算一次")
	}
	origin, err := s.voices.Origin(ctx, need, address)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte("gongji-support-1:" + string(need) + ":" + mark))
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		n, err := read(ctx, tx, need)
		if err != nil {
			return err
		}
		if n.Step == Declined || n.Step == Judged {
			return fault.New(fault.Conflict, "这个议题已经结束，不再收集支持")
		}
		k, err := tx.NewSelect().Model((*support)(nil)).Where("need = ? AND origin = ?", need, origin).Count(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if k >= supportsADay {
			return fault.New(fault.TooMany, "这里今天表示支持的次数已经很多，请明天再来")
		}
		_, err = tx.NewInsert().Model(&support{Need: need, Mark: hex.EncodeToString(sum[:]), Origin: origin, OnDay: today(s.clock.Now())}).On("CONFLICT (need, mark) DO NOTHING").Exec(ctx)
		return db.Translate(err)
	})
}

// Say adds a resident's words to a need; they are held until the community's
// people have read them.
func (s *Service) Say(ctx context.Context, need id.ID, text, address string) error {
	text, masked := survey.Masked(strings.TrimSpace(text))
	var c fault.Check
	n := utf8.RuneCountInString(text)
	c.Must(n >= 2 && n <= 500, "text", "请写 2 至 500 个字")
	if err := c.Err(); err != nil {
		return err
	}
	origin, err := s.voices.Origin(ctx, need, address)
	if err != nil {
		return err
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		x, err := read(ctx, tx, need)
		if err != nil {
			return err
		}
		if x.Step == Declined || x.Step == Judged {
			return fault.New(fault.Conflict, "这个议题已经结束，不再收集意见")
		}
		k, err := tx.NewSelect().Model((*Word)(nil)).Where("need = ? AND origin = ?", need, origin).Count(ctx)
		if err != nil {
			return db.Translate(err)
		}
		if k >= wordsADay {
			return fault.New(fault.TooMany, "这里今天提的意见已经很多，请明天再来")
		}
		_, err = tx.NewInsert().Model(&Word{ID: id.ID(id.Code(26)), Need: need, Text: text, Masked: masked, Origin: origin, State: Held, OnDay: today(s.clock.Now())}).Exec(ctx)
		return db.Translate(err)
	})
}

// Hear decides on held words: shown, or refused for one of survey.Grounds.
func (s *Service) Hear(ctx context.Context, who party.Actor, need, word id.ID, show bool, ground string) (Need, error) {
	var c fault.Check
	c.Must(show || slices.Contains(survey.Grounds, ground), "ground", "不公开的，请选择理由")
	if err := c.Err(); err != nil {
		return Need{}, err
	}
	return s.change(ctx, who, need, "hear", func(ctx context.Context, tx bun.Tx, _ *Need, now time.Time) error {
		state := Refused
		if show {
			state, ground = Shown, ""
		}
		if err := db.One(tx.NewUpdate().Model((*Word)(nil)).Set("state = ?, ground = ?, decided_by = ?, decided_at = ?", state, ground, who.Account, now).
			Where("id = ? AND need = ? AND state = ?", word, need, Held).Exec(ctx)); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: Object, ObjectID: need, Action: "审核居民意见"})
	})
}

func today(t time.Time) time.Time {
	y, m, d := t.In(clock.Beijing).Date()
	return clock.Trunc(time.Date(y, m, d, 0, 0, 0, 0, clock.Beijing))
}
