// Package credential is the vault of an organisation's certificates: what it
// holds, from whom, since when and until when. It is filled in once; forms that
// ask for a certificate take it from here.
package credential

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/policy"
	"gongji/storage/db"
)

// ObjectKind is what the trail, the access registry and attachments call one.
const ObjectKind = "credential"

// Kind is the sort of certificate.
type Kind string

// The kinds that forms ask for.
const (
	Registration Kind = "registration" // 法人登记证书; issued on: when the organisation was set up
	Rating       Kind = "rating"       // 评估等级证书
	Tax          Kind = "tax"          // 公益性捐赠税前扣除或免税资格
	Inspection   Kind = "inspection"   // 年检或年报结论
	Licence      Kind = "licence"      // 行业许可
	Award        Kind = "award"        // 表彰
)

var kindNames = map[Kind]string{Registration: "法人登记证书", Rating: "评估等级证书", Tax: "免税或税前扣除资格", Inspection: "年检（年报）结论",
	Licence: "行业许可证", Award: "表彰证书"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// Kinds lists the kinds in order.
func Kinds() []Kind { return []Kind{Registration, Rating, Tax, Inspection, Licence, Award} }

// Credential is one certificate of an organisation.
type Credential struct {
	bun.BaseModel `bun:"table:credential"`

	ID           id.ID      `bun:"id,pk" json:"id"`
	Organisation id.ID      `bun:"organisation" json:"organisation"`
	Kind         Kind       `bun:"kind" json:"kind"`
	Number       string     `bun:"number" json:"number"`
	Issuer       string     `bun:"issuer" json:"issuer"`
	IssuedOn     *time.Time `bun:"issued_on" json:"issued_on,omitempty"`     // 00:00 of the day, Beijing
	ValidUntil   *time.Time `bun:"valid_until" json:"valid_until,omitempty"` // 00:00 of the last day, which counts; nil: no end
	EnteredBy    id.ID      `bun:"entered_by" json:"-"`
	EnteredAt    time.Time  `bun:"entered_at" json:"entered_at"`
	EndedAt      *time.Time `bun:"ended_at" json:"-"`
}

// Valid reports whether the certificate still counts at a moment.
func (c Credential) Valid(at time.Time) bool {
	return c.ValidUntil == nil || at.Before(c.ValidUntil.AddDate(0, 0, 1))
}

// Input is a certificate as it is typed; days are "2006-01-02".
type Input struct {
	Kind       Kind   `json:"kind" enum:"registration,rating,tax,inspection,licence,award"`
	Number     string `json:"number" description:"证书编号；没有的留空"`
	Issuer     string `json:"issuer" description:"发证机关全称"`
	IssuedOn   string `json:"issued_on" description:"发证（成立）日期，例如 2019-05-20"`
	ValidUntil string `json:"valid_until,omitempty" description:"有效期最后一天；长期有效留空"`
}

// Service keeps the vaults.
type Service struct {
	db     *bun.DB
	clock  clock.Clock
	policy *policy.Policy
}

// New makes the service.
func New(d *bun.DB, c clock.Clock, p *policy.Policy) *Service { return &Service{d, c, p} }

func relations(who party.Actor, org id.ID) []string {
	rel := who.Relations()
	if who.Org != "" && who.Org == org {
		rel = append(rel, "holder", "holder."+string(who.Role))
	}
	return rel
}

// May is the one authorisation function of a certificate and its files.
func (s *Service) May(ctx context.Context, who party.Actor, credential id.ID, action string) error {
	var x Credential
	err := s.db.NewSelect().Model(&x).Where("id = ?", credential).Scan(ctx)
	if err = db.Found(err, "证书"); err != nil {
		return err
	}
	rel, err := s.relations(ctx, who, x.Organisation)
	if err != nil {
		return err
	}
	return s.policy.Require(rel, ObjectKind+".any", action)
}

// relations adds to what the actor is to the organisation whether they review
// its registration now: that is decided by its certificates.
func (s *Service) relations(ctx context.Context, who party.Actor, org id.ID) ([]string, error) {
	rel := relations(who, org)
	if who.OrgKind != party.Bureau || who.Role != party.Registrar {
		return rel, nil
	}
	waits, err := s.db.NewSelect().TableExpr("organisation").Where("id = ? AND state = 'pending'", org).Exists(ctx)
	if waits {
		rel = append(rel, "reviewing")
	}
	return rel, db.Translate(err)
}

// For lists the certificates of an organisation for its own people, and for
// the registrar while its registration waits for a decision.
func (s *Service) For(ctx context.Context, who party.Actor, org id.ID) ([]Credential, error) {
	rel, err := s.relations(ctx, who, org)
	if err == nil {
		err = s.policy.Require(rel, ObjectKind+".any", "view")
	}
	if err != nil {
		return nil, err
	}
	return Of(ctx, s.db, org)
}

// Mine lists the certificates of the actor's organisation.
func (s *Service) Mine(ctx context.Context, who party.Actor) ([]Credential, error) {
	if err := s.policy.Require(relations(who, who.Org), ObjectKind+".any", "view"); err != nil {
		return nil, err
	}
	return Of(ctx, s.db, who.Org)
}

// Of lists the certificates that an organisation holds, by kind and the newest
// first; the caller authorises.
func Of(ctx context.Context, d bun.IDB, org id.ID) ([]Credential, error) {
	out := []Credential{}
	err := d.NewSelect().Model(&out).Where("organisation = ? AND ended_at IS NULL", org).Order("kind", "issued_on DESC", "id DESC").Scan(ctx)
	return out, db.Translate(err)
}

// Add enters a certificate of the actor's organisation.
func (s *Service) Add(ctx context.Context, who party.Actor, in Input) (Credential, error) {
	if err := s.policy.Require(relations(who, who.Org), ObjectKind+".any", "edit"); err != nil {
		return Credential{}, err
	}
	now := s.clock.Now()
	x := Credential{ID: id.New(now), Organisation: who.Org, Kind: in.Kind, Number: strings.TrimSpace(in.Number), Issuer: strings.TrimSpace(in.Issuer),
		EnteredBy: who.Account, EnteredAt: now}
	var c fault.Check
	c.Must(kindNames[x.Kind] != "", "kind", "请选择证书种类")
	c.Must(utf8.RuneCountInString(x.Number) <= 60, "number", "证书编号不超过 60 个字")
	n := utf8.RuneCountInString(x.Issuer)
	c.Must(n >= 2 && n <= 120, "issuer", "请填写发证机关全称")
	x.IssuedOn, x.ValidUntil = calendar.Typed(&c, "issued_on", in.IssuedOn), calendar.Typed(&c, "valid_until", in.ValidUntil)
	c.Must(x.IssuedOn != nil || c.Failed("issued_on"), "issued_on", "请填写发证日期；登记证书填成立日期")
	c.Must(x.IssuedOn == nil || !x.IssuedOn.After(now), "issued_on", "发证日期不能晚于今天")
	c.Must(x.IssuedOn == nil || x.ValidUntil == nil || !x.ValidUntil.Before(*x.IssuedOn), "valid_until", "有效期不能早于发证日期")
	if err := c.Err(); err != nil {
		return Credential{}, err
	}
	return x, db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		return note(ctx, tx, who, now, x, "登记证书")
	})
}

// End takes a certificate out of the vault; what was sent with it stays sent.
func (s *Service) End(ctx context.Context, who party.Actor, credential id.ID) error {
	if err := s.May(ctx, who, credential, "edit"); err != nil {
		return err
	}
	now := s.clock.Now()
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if err := db.One(tx.NewUpdate().Model((*Credential)(nil)).Set("ended_at = ?", now).Where("id = ? AND ended_at IS NULL", credential).Exec(ctx)); err != nil {
			return err
		}
		return note(ctx, tx, who, now, Credential{ID: credential, Organisation: who.Org}, "移出证书")
	})
}

func note(ctx context.Context, tx bun.Tx, who party.Actor, at time.Time, x Credential, action string) error {
	return trail.Append(ctx, tx, who, at, trail.Event{ObjectKind: "organisation", ObjectID: x.Organisation, Action: action, Note: x.Kind.Name()})
}
