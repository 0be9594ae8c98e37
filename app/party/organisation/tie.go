package organisation

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/uscc"
	"gongji/app/party"
	"gongji/storage/db"
)

// Post is what a person is in an organisation.
type Post string

// The posts that 政府采购法实施条例第9条 and 第18条 ask about.
const (
	HeadPost       Post = "head"       // 单位负责人
	DirectorPost   Post = "director"   // 理事、董事
	SupervisorPost Post = "supervisor" // 监事
	HolderPost     Post = "holder"     // 举办者、控股股东或实际控制人
)

var postNames = map[Post]string{HeadPost: "单位负责人", DirectorPost: "理事（董事）", SupervisorPost: "监事", HolderPost: "举办者或实际控制人"}

// Name is the post in Chinese.
func (p Post) Name() string { return postNames[p] }

// Posts lists the posts in order.
func Posts() []Post { return []Post{HeadPost, DirectorPost, SupervisorPost, HolderPost} }

// Person is somebody with a post in an organisation, from a day up to a day
// (exclusive); nil is unknown, or until now. Persons are never public.
type Person struct {
	bun.BaseModel `bun:"table:organisation_person"`

	ID           id.ID      `bun:"id,pk" json:"id"`
	Organisation id.ID      `bun:"organisation" json:"organisation"`
	Name         string     `bun:"name" json:"name"`
	Post         Post       `bun:"post" json:"post"`
	IDTail       string     `bun:"id_tail" json:"id_tail,omitempty"`
	From         *time.Time `bun:"from_day" json:"from,omitempty"`
	Until        *time.Time `bun:"until_day" json:"until,omitempty"`
	EnteredBy    id.ID      `bun:"entered_by,nullzero" json:"-"`
	EnteredAt    time.Time  `bun:"entered_at" json:"-"`
}

// Control is another unit that controls an organisation: its founder, its
// majority shareholder, its manager.
type Control struct {
	bun.BaseModel `bun:"table:organisation_control"`

	ID           id.ID      `bun:"id,pk" json:"id"`
	Organisation id.ID      `bun:"organisation" json:"organisation"`
	Controller   string     `bun:"controller" json:"controller"` // 控股或管理单位全称
	USCC         string     `bun:"uscc" json:"uscc,omitempty"`
	How          string     `bun:"how" json:"how"` // 控股, 举办, 管理
	From         *time.Time `bun:"from_day" json:"from,omitempty"`
	Until        *time.Time `bun:"until_day" json:"until,omitempty"`
	EnteredBy    id.ID      `bun:"entered_by,nullzero" json:"-"`
	EnteredAt    time.Time  `bun:"entered_at" json:"-"`
}

// TieInput is one person or one controlling unit as it is entered; Until ends
// it. What was entered is ended, never deleted: ties count for three years.
type TieInput struct {
	Kind   string     `json:"kind" enum:"person,control"`
	Name   string     `json:"name" description:"姓名，或控制单位全称"`
	Post   Post       `json:"post,omitempty" enum:",head,director,supervisor,holder"`
	How    string     `json:"how,omitempty" description:"控制方式：控股、举办、管理"`
	USCC   string     `json:"uscc,omitempty"`
	IDTail string     `json:"id_tail,omitempty" description:"证件号码后四位；不公开"`
	From   *time.Time `json:"from,omitempty"`
	Until  *time.Time `json:"until,omitempty"`
}

// ControlWays are the ways of control that are offered.
var ControlWays = []string{"举办", "控股", "管理"}

func (in *TieInput) check(now time.Time) error {
	for _, f := range []*string{&in.Name, &in.How, &in.USCC, &in.IDTail} {
		*f = strings.TrimSpace(*f)
	}
	in.IDTail = strings.ToUpper(in.IDTail)
	var c fault.Check
	checkSpan(&c, in.From, in.Until, now)
	switch in.Kind {
	case "person":
		c.Must(in.Name != "" && utf8.RuneCountInString(in.Name) <= 60, "tie_name", "请填写姓名，不超过 60 字")
		c.Must(postNames[in.Post] != "", "post", "请选择任职")
		c.Must(in.IDTail == "" || tailOK(in.IDTail), "id_tail", "证件号码后四位应为 4 个数字，最后一位可以是 X")
	case "control":
		c.Must(in.Name != "" && utf8.RuneCountInString(in.Name) <= 120, "tie_name", "请填写控制单位全称，不超过 120 字")
		c.Must(slices.Contains(ControlWays, in.How), "how", "请选择控制方式")
		if in.USCC != "" {
			code, err := uscc.Check(in.USCC)
			c.Adopt("uscc", err)
			in.USCC = code
		}
	default:
		c.Fail("kind", "请选择人员或控制关系")
	}
	return c.Err()
}

// AddTie enters somebody's post in the organisation, or who controls it.
func (s *Service) AddTie(ctx context.Context, who party.Actor, org id.ID, in TieInput) error {
	if err := in.check(s.clock.Now()); err != nil {
		return err
	}
	return s.tieChange(ctx, who, org, "登记任职和控制关系", func(ctx context.Context, tx bun.Tx, now time.Time) error {
		var err error
		if in.Kind == "person" {
			_, err = tx.NewInsert().Model(&Person{ID: id.New(now), Organisation: org, Name: in.Name, Post: in.Post, IDTail: in.IDTail,
				From: in.From, Until: in.Until, EnteredBy: who.Account, EnteredAt: now}).Exec(ctx)
		} else {
			_, err = tx.NewInsert().Model(&Control{ID: id.New(now), Organisation: org, Controller: in.Name, USCC: in.USCC, How: in.How,
				From: in.From, Until: in.Until, EnteredBy: who.Account, EnteredAt: now}).Exec(ctx)
		}
		return db.Translate(err)
	})
}

// EndTie says that a post or a control ended today.
func (s *Service) EndTie(ctx context.Context, who party.Actor, org, tie id.ID) error {
	return s.tieChange(ctx, who, org, "任职或控制关系终止", func(ctx context.Context, tx bun.Tx, now time.Time) error {
		for _, m := range []any{(*Person)(nil), (*Control)(nil)} {
			err := db.One(tx.NewUpdate().Model(m).Set("until_day = ?", now).Where("id = ? AND organisation = ? AND until_day IS NULL", tie, org).Exec(ctx))
			if !fault.Is(err, fault.Conflict) {
				return err
			}
		}
		return fault.New(fault.NotFound, "没有这条任职或控制关系，或已经终止")
	})
}

func (s *Service) tieChange(ctx context.Context, who party.Actor, org id.ID, action string, fn func(context.Context, bun.Tx, time.Time) error) error {
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		o, err := read(ctx, tx, org, true)
		if err != nil {
			return err
		}
		if err := s.policy.Require(relations(who, o), o.object(), "edit"); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := fn(ctx, tx, now); err != nil {
			return err
		}
		return record(ctx, tx, who, now, org, action, "")
	})
}

// Ties are the persons and controls of an organisation, for its own people and
// the registrar.
func (s *Service) Ties(ctx context.Context, who party.Actor, org id.ID) ([]Person, []Control, error) {
	o, err := read(ctx, s.db, org, false)
	if err != nil {
		return nil, nil, err
	}
	if err := s.policy.Require(relations(who, o), o.object(), "ties"); err != nil {
		return nil, nil, err
	}
	return TiesOf(ctx, s.db, org)
}

// TiesOf reads the persons and controls of organisations, those who lead it
// now first; the caller authorises. The 法定代表人 of the profile is a head.
func TiesOf(ctx context.Context, d bun.IDB, orgs ...id.ID) ([]Person, []Control, error) {
	people, controls := []Person{}, []Control{}
	if len(orgs) == 0 {
		return people, controls, nil
	}
	if err := d.NewSelect().Model(&people).Where("organisation IN (?)", bun.List(orgs)).OrderExpr("until_day IS NOT NULL, id").Scan(ctx); err != nil {
		return nil, nil, db.Translate(err)
	}
	err := d.NewSelect().Model(&controls).Where("organisation IN (?)", bun.List(orgs)).OrderExpr("until_day IS NOT NULL, id").Scan(ctx)
	return people, controls, db.Translate(err)
}
