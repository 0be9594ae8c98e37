package account

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/storage/db"
)

// Standing is whether an expert can be drawn.
type Standing string

// The standings of an expert.
const (
	Active  Standing = "active"  // 在库
	Paused  Standing = "paused"  // 暂停抽取
	Retired Standing = "retired" // 退出
)

// Expertise is what the register of 评审专家 knows of a person. The employer is
// compared with the parties of a tender to find conflicts.
type Expertise struct {
	Employer    string `json:"employer" description:"工作单位全称；没有的填“无”"`
	Specialties string `json:"specialties" description:"评审专业，用顿号隔开"`
	Region      string `json:"region,omitempty" description:"所在地"`
	IDTail      string `json:"id_tail,omitempty" description:"证件号码后四位，用于区分同名；不公开"`
}

// Employment is where an expert worked, from a day up to a day (exclusive);
// nil is unknown, or until now.
type Employment struct {
	bun.BaseModel `bun:"table:expert_employer"`

	ID        id.ID      `bun:"id,pk" json:"id"`
	Account   id.ID      `bun:"account" json:"-"`
	Employer  string     `bun:"employer" json:"employer"`
	From      *time.Time `bun:"from_day" json:"from,omitempty"`
	Until     *time.Time `bun:"until_day" json:"until,omitempty"`
	EnteredBy id.ID      `bun:"entered_by,nullzero" json:"-"`
	EnteredAt time.Time  `bun:"entered_at" json:"-"`
}

// Enlist enters an account in the expert register, or amends its entry there,
// in the caller's transaction; the caller authorises. A new employer ends the
// old one today, and the old one stays in the history: ties are looked for
// three years back (政府采购法实施条例第9条).
func (s *Service) Enlist(ctx context.Context, tx bun.Tx, account id.ID, x Expertise) error {
	now := s.clock.Now()
	var a Account
	if err := db.Found(db.Lock(tx.NewSelect().Model(&a).Where("id = ?", account)).Scan(ctx), "账号"); err != nil {
		return err
	}
	if a.Employer != x.Employer {
		var open []Employment
		if err := tx.NewSelect().Model(&open).Where("account = ? AND until_day IS NULL", account).Scan(ctx); err != nil {
			return db.Translate(err)
		}
		rows := []Employment{}
		if len(open) == 0 && a.Employer != "" { // entered before there was a history
			rows = append(rows, Employment{ID: id.New(now), Account: account, Employer: a.Employer, Until: &now, EnteredAt: now})
		}
		if _, err := tx.NewUpdate().Model((*Employment)(nil)).Set("until_day = ?", now).Where("account = ? AND until_day IS NULL", account).Exec(ctx); err != nil {
			return db.Translate(err)
		}
		rows = append(rows, Employment{ID: id.New(now), Account: account, Employer: x.Employer, EnteredAt: now})
		if a.Expert {
			rows[len(rows)-1].From = &now
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return db.Translate(err)
		}
	}
	return db.One(tx.NewUpdate().Model((*Account)(nil)).
		Set("expert = ?, employer = ?, specialties = ?, expert_region = ?, id_tail = ?", true, x.Employer, strings.Join(Specialties(x.Specialties), "、"), x.Region, x.IDTail).
		Where("id = ?", account).Exec(ctx))
}

// Specialties splits a list of specialties as people type it.
func Specialties(s string) []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("、,，;；/\n", r) }) {
		if f = strings.TrimSpace(f); f != "" && !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	}
	return out
}

// Employments lists where an expert worked, newest first.
func Employments(ctx context.Context, d bun.IDB, account id.ID) ([]Employment, error) {
	out := []Employment{}
	err := d.NewSelect().Model(&out).Where("account = ?", account).OrderExpr("until_day IS NOT NULL, until_day DESC, id DESC").Scan(ctx)
	return out, db.Translate(err)
}
