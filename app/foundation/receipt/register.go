package receipt

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/trust/number"
	"gongji/storage/db"
)

// replaced is the void receipt of a donation that its next one replaces: the
// last that had a number. The zero Receipt where there is none.
func replaced(ctx context.Context, tx bun.Tx, of id.ID) (Receipt, error) {
	var list []Receipt
	err := tx.NewSelect().Model(&list).Where("donation = ? AND state = ? AND request IS NULL", of, Void).Order("year DESC", "no DESC").Limit(1).Scan(ctx)
	if err != nil || len(list) == 0 {
		return Receipt{}, db.Translate(err)
	}
	return list[0], nil
}

// Filter narrows the register of a year; zero fields do not.
type Filter struct {
	Year  int
	State State  // Issued or Void
	Text  string // of the number, the donation's reference or the donor's name
	After int64  // keyset: numbers above this one
	Limit int    // 0 means 100, at most 500
}

func (f Filter) narrow(q *bun.SelectQuery, foundation id.ID, all bool) *bun.SelectQuery {
	q = q.Where("r.foundation = ? AND r.year = ? AND r.no IS NOT NULL", foundation, f.Year)
	if f.State != "" {
		q = q.Where("r.state = ?", f.State)
	}
	t := strings.TrimSpace(f.Text)
	if t == "" {
		return q
	}
	if n, ok := parse(t); ok {
		return q.Where("r.no = ?", n)
	}
	like := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(t) + "%"
	return q.Where("(d.reference = ? OR d.donor_name LIKE ? ESCAPE '!' AND (? OR NOT "+covert+"))", strings.ToUpper(t), like, all)
}

// parse reads "2026-000012" or "12" as the twelfth.
func parse(s string) (int64, bool) {
	if i := strings.LastIndexByte(s, '-'); i == 4 {
		s = s[i+1:]
	}
	var n int64
	for _, c := range s {
		if c < '0' || c > '9' || n > 1e12 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, s != ""
}

// Register lists the numbers of the actor's foundation in a year, lowest
// first, with what became of each.
func (s *Service) Register(ctx context.Context, who party.Actor, f Filter) ([]Row, error) {
	if err := s.policy.Require(who.Relations(), "receipt.any", "list"); err != nil {
		return nil, err
	}
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 100
	}
	var list []Row
	all := donation.KnowsAll(s.policy, who, who.Org)
	err := f.narrow(rows(s.db), who.Org, all).Where("r.no > ?", f.After).OrderExpr("r.no").Limit(int64(f.Limit)).Scan(ctx, &list)
	return cover(list, all), db.Translate(err)
}

// MayRegister reports whether the actor reads their foundation's register.
func (s *Service) MayRegister(who party.Actor) bool {
	return s.policy.Require(who.Relations(), "receipt.any", "list") == nil
}

// Count is how many numbers are in the register under a filter.
func (s *Service) Count(ctx context.Context, who party.Actor, f Filter) (int, error) {
	if err := s.policy.Require(who.Relations(), "receipt.any", "list"); err != nil {
		return 0, err
	}
	n, err := f.narrow(s.db.NewSelect().TableExpr("receipt AS r").Join("JOIN donation AS d ON d.id = r.donation"), who.Org, donation.KnowsAll(s.policy, who, who.Org)).Count(ctx)
	return int(n), db.Translate(err)
}

// keepMissing bounds how many missing numbers are named: one is an alarm.
const keepMissing = 100

// Missing names the numbers of a year that were allocated and have no receipt.
// There must be none: a number is allocated in the transaction that issues, and
// the database refuses to delete a receipt that has one.
func (s *Service) Missing(ctx context.Context, who party.Actor, year int) ([]int64, error) {
	if err := s.policy.Require(who.Relations(), "receipt.any", "list"); err != nil {
		return nil, err
	}
	// One statement: a receipt issued between two would look like a gap.
	var have struct {
		Last int64 `bun:"last"`
		Rows int64 `bun:"held"`
		Top  int64 `bun:"top"`
	}
	err := s.db.NewSelect().ColumnExpr("COALESCE((SELECT value FROM counter WHERE scope = ?), 0) AS last", number.Scope(ObjectKind, string(who.Org), year)).
		ColumnExpr("(SELECT COUNT(*) FROM receipt WHERE foundation = ? AND year = ? AND no IS NOT NULL) AS held", who.Org, year).
		ColumnExpr("(SELECT COALESCE(MAX(no), 0) FROM receipt WHERE foundation = ? AND year = ?) AS top", who.Org, year).Scan(ctx, &have)
	if err != nil || have.Rows == have.Last && have.Top == have.Last {
		return nil, db.Translate(err)
	}
	var nos []int64
	err = s.db.NewSelect().TableExpr("receipt").ColumnExpr("no").Where("foundation = ? AND year = ? AND no IS NOT NULL", who.Org, year).OrderExpr("no").Scan(ctx, &nos)
	if err != nil {
		return nil, db.Translate(err)
	}
	var out []int64
	for n := int64(1); n <= have.Last && len(out) < keepMissing; n++ {
		if _, ok := slices.BinarySearch(nos, n); !ok {
			out = append(out, n)
		}
	}
	return out, nil
}

// Totals counts a year's numbers by what became of them.
type Totals struct {
	Year   int   `bun:"year" json:"year"`
	Issued int64 `bun:"issued" json:"issued"`
	Void   int64 `bun:"void" json:"void"`
}

// Total is how many numbers the year has.
func (t Totals) Total() int64 { return t.Issued + t.Void }

// Years lists the years in which the actor's foundation issued, newest first.
func (s *Service) Years(ctx context.Context, who party.Actor) ([]Totals, error) {
	if err := s.policy.Require(who.Relations(), "receipt.any", "list"); err != nil {
		return nil, err
	}
	var out []Totals
	err := s.db.NewSelect().TableExpr("receipt").ColumnExpr("year").
		ColumnExpr("SUM(CASE WHEN state = 'issued' THEN 1 ELSE 0 END) AS issued").
		ColumnExpr("SUM(CASE WHEN state = 'void' THEN 1 ELSE 0 END) AS void").
		Where("foundation = ? AND year IS NOT NULL", who.Org).GroupExpr("year").OrderExpr("year DESC").Scan(ctx, &out)
	return out, db.Translate(err)
}
