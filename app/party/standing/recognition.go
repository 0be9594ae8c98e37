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
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// RecognitionKind is what the trail, the access registry and attachments call a
// rating or a commendation; its proof is for its organisation and the offices.
const RecognitionKind = "recognition"

// Honour is the sort of recognition.
type Honour string

// The sorts.
const (
	Rating       Honour = "rating"       // 社会组织评估等级
	Commendation Honour = "commendation" // 表彰
)

// Name is the sort in Chinese.
func (h Honour) Name() string {
	if h == Rating {
		return "评估等级"
	}
	return "表彰"
}

// RecognitionState is where a recognition stands.
type RecognitionState string

// The states of a recognition.
const (
	Proposed  RecognitionState = "proposed"
	Published RecognitionState = "published"
	Returned  RecognitionState = "returned"
	Taken     RecognitionState = "revoked"
)

// Name is the state in Chinese.
func (s RecognitionState) Name() string {
	return map[RecognitionState]string{Proposed: "待核实", Published: "已公布", Returned: "未予采纳", Taken: "已撤销"}[s]
}

// Recognition is a rating or a commendation on an organisation's public record:
// put forward with its proof, checked and published by the civil affairs side.
type Recognition struct {
	bun.BaseModel `bun:"table:recognition"`

	ID           id.ID            `bun:"id,pk" json:"id"`
	Kind         Honour           `bun:"kind" json:"kind"`
	Organisation id.ID            `bun:"organisation" json:"organisation"`
	OrgName      string           `bun:"org_name" json:"organisation_name"`
	Level        int64            `bun:"level" json:"level,omitempty"` // 1–5: 1A–5A; 0 for a commendation
	Title        string           `bun:"title" json:"title,omitempty"`
	Issuer       string           `bun:"issuer" json:"issuer"`
	Number       string           `bun:"number" json:"number,omitempty"`
	IssuedOn     time.Time        `bun:"issued_on" json:"issued_on"`               // 00:00 of the day, Beijing
	ValidUntil   *time.Time       `bun:"valid_until" json:"valid_until,omitempty"` // exclusive; nil: no end
	State        RecognitionState `bun:"state" json:"state"`
	DraftedBy    id.ID            `bun:"drafted_by" json:"-"`
	DraftedAt    time.Time        `bun:"drafted_at" json:"-"`
	DecidedBy    *id.ID           `bun:"decided_by" json:"-"`
	DecidedOrg   *id.ID           `bun:"decided_org" json:"decided_by,omitempty"`
	DecidedAt    *time.Time       `bun:"decided_at" json:"published_at,omitempty"`
	Reason       string           `bun:"reason" json:"-"`
	RevokedAt    *time.Time       `bun:"revoked_at" json:"revoked_at,omitempty"`
}

// Says is what was recognised: 5A, or the commendation's title.
func (x Recognition) Says() string {
	if x.Kind == Rating {
		return fmt.Sprintf("%dA", x.Level)
	}
	return x.Title
}

// Valid reports whether it counts at a moment: published by then, not revoked,
// not past its term.
func (x Recognition) Valid(at time.Time) bool {
	return x.DecidedAt != nil && !x.DecidedAt.After(at) && (x.State == Published || x.State == Taken && x.RevokedAt.After(at)) &&
		!x.IssuedOn.After(at) && (x.ValidUntil == nil || at.Before(*x.ValidUntil))
}

// RecognitionInput is a recognition as typed.
type RecognitionInput struct {
	Kind       Honour `json:"kind" enum:"rating,commendation"`
	Level      string `json:"level,omitempty" enum:",1A,2A,3A,4A,5A" description:"评估等级填写"`
	Title      string `json:"title,omitempty" description:"表彰的全称"`
	Issuer     string `json:"issuer" description:"作出评定或表彰的机关"`
	Number     string `json:"number,omitempty" description:"文号或证书编号"`
	IssuedOn   string `json:"issued_on" description:"公布日期，例如 2024-06-01"`
	ValidUntil string `json:"valid_until,omitempty" description:"有效期最后一天；评估等级留空按五年计"`
}

func (in RecognitionInput) read(x *Recognition, now time.Time) error {
	var c fault.Check
	x.Kind, x.Title, x.Issuer, x.Number = in.Kind, strings.TrimSpace(in.Title), strings.TrimSpace(in.Issuer), strings.TrimSpace(in.Number)
	c.Must(x.Kind == Rating || x.Kind == Commendation, "kind", "请选择评估等级或者表彰")
	n := utf8.RuneCountInString(x.Issuer)
	c.Must(n >= 2 && n <= 120, "issuer", "请填写作出评定或表彰的机关全称")
	c.Must(utf8.RuneCountInString(x.Number) <= 60, "number", "文号不超过 60 个字")
	on := calendar.Typed(&c, "issued_on", in.IssuedOn)
	if c.Must(on != nil || c.Failed("issued_on"), "issued_on", "请填写公布日期"); on != nil {
		x.IssuedOn = *on
		c.Must(!on.After(now), "issued_on", "公布日期不能晚于今天")
	}
	last := calendar.Typed(&c, "valid_until", in.ValidUntil)
	if last != nil {
		end := clock.Trunc(last.AddDate(0, 0, 1))
		x.ValidUntil = &end
		c.Must(on == nil || end.After(*on), "valid_until", "有效期不能早于公布日期")
	}
	if x.Kind == Rating {
		x.Title = ""
		if len(in.Level) == 2 && in.Level[0] >= '1' && in.Level[0] <= '5' && in.Level[1] == 'A' {
			x.Level = int64(in.Level[0] - '0')
		}
		c.Must(x.Level > 0, "level", "请选择 1A 至 5A")
		rule := rules.At(now).Must(rules.RatingValid)
		if on != nil {
			most := clock.Trunc(on.AddDate(int(rule.Value), 0, 0))
			if x.ValidUntil == nil {
				x.ValidUntil = &most
			}
			if x.ValidUntil.After(most) {
				c.FailUnder(rule.Source(), "valid_until", "评估等级的有效期%s", rule.Limit())
			}
		}
	} else {
		n = utf8.RuneCountInString(x.Title)
		c.Must(n >= 2 && n <= 120, "title", "请填写表彰的全称，2–120 个字")
	}
	return c.Err()
}

func recognised(who party.Actor, x Recognition) []string {
	rel := who.Relations()
	if who.Org != "" && who.Org == x.Organisation {
		rel = append(rel, "holder", "holder."+string(who.Role))
	}
	if who.SignedIn() && who.Account == x.DraftedBy { // whoever put it forward does not check it
		rel = append(rel, "recognition.drafter")
		for i := len(rel) - 1; i >= 0; i-- {
			if strings.HasPrefix(rel[i], "bureau.") {
				rel = append(rel[:i], rel[i+1:]...)
			}
		}
	}
	return rel
}

// MayRecognition is the one authorisation function of a recognition and its
// proof.
func (s *Service) MayRecognition(ctx context.Context, who party.Actor, recognition id.ID, action string) error {
	x, err := readRecognition(ctx, s.db, recognition, false)
	if err != nil {
		return err
	}
	return s.policy.Require(recognised(who, x), RecognitionKind+"."+string(x.State), action)
}

// AllowedRecognition reports whether an action is open to the actor.
func (s *Service) AllowedRecognition(who party.Actor, x Recognition, action string) bool {
	return s.policy.Any(recognised(who, x), RecognitionKind+"."+string(x.State), action)
}

// MayRecognise reports whether the actor may put a recognition of an
// organisation forward.
func (s *Service) MayRecognise(who party.Actor, org id.ID) bool {
	return s.policy.Any(recognised(who, Recognition{Organisation: org}), RecognitionKind+".new", "create")
}

func readRecognition(ctx context.Context, d bun.IDB, recognition id.ID, lock bool) (Recognition, error) {
	var x Recognition
	q := d.NewSelect().Model(&x).Where("id = ?", recognition)
	if lock {
		q = db.Lock(q)
	}
	err := db.Found(q.Scan(ctx), "评估等级或表彰")
	return x, err
}

// Recognise puts a rating or a commendation of an organisation forward; its
// proof is uploaded to it, and an office checks it.
func (s *Service) Recognise(ctx context.Context, who party.Actor, org id.ID, in RecognitionInput) (Recognition, error) {
	if err := s.policy.Require(recognised(who, Recognition{Organisation: org}), RecognitionKind+".new", "create"); err != nil {
		return Recognition{}, err
	}
	now := s.clock.Now()
	x := Recognition{ID: id.New(now), Organisation: org, State: Proposed, DraftedBy: who.Account, DraftedAt: now}
	if err := in.read(&x, now); err != nil {
		return x, err
	}
	return x, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		o, err := s.orgs.Approved(ctx, tx, org)
		if err != nil {
			return err
		}
		x.OrgName = o.Name
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "organisation", ObjectID: org, Action: "申报" + x.Kind.Name(), Note: x.Says()})
	})
}

// Check publishes a recognition or turns it down with a reason: by an office,
// and not by whoever put it forward. Without proof nothing is published.
func (s *Service) Check(ctx context.Context, who party.Actor, recognition id.ID, publish bool, reason string) (Recognition, error) {
	reason = strings.TrimSpace(reason)
	var x Recognition
	return x, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if x, err = readRecognition(ctx, tx, recognition, true); err != nil {
			return err
		}
		if err := s.policy.Require(recognised(who, x), RecognitionKind+"."+string(x.State), "check"); err != nil {
			return err
		}
		now := s.clock.Now()
		var c fault.Check
		c.Must(publish || reason != "", "reason", "请写明为什么不予采纳，对方据此补正后重新申报")
		c.Must(utf8.RuneCountInString(reason) <= 1000, "reason", "不超过 1000 个字")
		if publish {
			n, err := tx.NewSelect().TableExpr("attachment").Where("owner_kind = ? AND owner_id = ?", RecognitionKind, x.ID).Count(ctx)
			if err != nil {
				return db.Translate(err)
			}
			c.Must(n > 0, "proof", "还没有上传证书或公布文件，不能公布")
		}
		if err := c.Err(); err != nil {
			return err
		}
		action := "公布" + x.Kind.Name()
		x.State, x.Reason, x.DecidedBy, x.DecidedOrg, x.DecidedAt = Published, reason, &who.Account, &who.Org, &now
		if !publish {
			x.State, action = Returned, "不予采纳"+x.Kind.Name()
		}
		if err := db.One(tx.NewUpdate().Model(&x).Column("state", "reason", "decided_by", "decided_org", "decided_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return s.told(ctx, tx, who, x, action, reason, publish, now)
	})
}

func (s *Service) told(ctx context.Context, tx bun.Tx, who party.Actor, x Recognition, action, reason string, public bool, now time.Time) error {
	if err := inbox.Send(ctx, tx, now, []inbox.To{{Organisation: x.Organisation}}, inbox.Letter{Title: action + "：" + x.Says(), Text: reason,
		Link: "/organisations/" + string(x.Organisation) + "/recognitions"}); err != nil {
		return err
	}
	return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: "organisation", ObjectID: x.Organisation, Action: action, Note: x.Says(), Public: public})
}

// Take revokes a published recognition with a reason; it stays on the record
// as revoked.
func (s *Service) Take(ctx context.Context, who party.Actor, recognition id.ID, reason string) (Recognition, error) {
	reason, err := words("reason", reason, "请写明撤销的原因")
	var x Recognition
	if err != nil {
		return x, err
	}
	return x, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if x, err = readRecognition(ctx, tx, recognition, true); err != nil {
			return err
		}
		if err := s.policy.Require(recognised(who, x), RecognitionKind+"."+string(x.State), "revoke"); err != nil {
			return err
		}
		now := s.clock.Now()
		x.State, x.Reason, x.RevokedAt = Taken, reason, &now
		if err := db.One(tx.NewUpdate().Model(&x).Column("state", "reason", "revoked_at").WherePK().Exec(ctx)); err != nil {
			return err
		}
		return s.told(ctx, tx, who, x, "撤销"+x.Kind.Name(), reason, true, now)
	})
}

// Recognitions lists what is on an organisation's record, newest first: the
// public sees what was published, its own people and the offices everything.
func (s *Service) Recognitions(ctx context.Context, who party.Actor, org id.ID) ([]Recognition, error) {
	out := []Recognition{}
	q := s.db.NewSelect().Model(&out).Where("organisation = ?", org).Order("issued_on DESC", "id DESC").Limit(200)
	if !s.MayRecognise(who, org) {
		q = q.Where("state IN (?)", bun.List([]RecognitionState{Published, Taken}))
	}
	err := q.Scan(ctx)
	return out, db.Translate(err)
}

// ToCheck lists what waits for an office that may check it, oldest first.
func (s *Service) ToCheck(ctx context.Context, who party.Actor) ([]Recognition, error) {
	out := []Recognition{}
	if !s.policy.Any(who.Relations(), RecognitionKind+"."+string(Proposed), "check") {
		return out, nil
	}
	err := s.db.NewSelect().Model(&out).Where("state = ? AND drafted_by <> ?", Proposed, who.Account).Order("id").Limit(100).Scan(ctx)
	return out, db.Translate(err)
}

// RatingAt is the rating of an organisation that was published and valid at a
// moment; nil where there is none. The caller may be in a transaction.
func RatingAt(ctx context.Context, d bun.IDB, org id.ID, at time.Time) (*Recognition, error) {
	var rows []Recognition
	err := d.NewSelect().Model(&rows).Where("organisation = ? AND kind = ? AND state IN (?)", org, Rating, bun.List([]RecognitionState{Published, Taken})).
		Order("issued_on DESC", "id DESC").Scan(ctx)
	for i := range rows {
		if rows[i].Valid(at) {
			return &rows[i], nil
		}
	}
	return nil, db.Translate(err)
}
