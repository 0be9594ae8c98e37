package disclosure

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/foundation/donation"
	"gongji/app/foundation/fund"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/party"
	"gongji/app/trust/trail"
	"gongji/storage/db"
)

// Label says in which line and below which heading of a disclosure's table a
// donation counts: 罗庄街道, 筹款数. It is public, so it names no donor.
type Label struct {
	bun.BaseModel `bun:"table:disclosure_label"`

	Donation id.ID     `bun:"donation,pk" json:"donation"`
	Fund     id.ID     `bun:"fund" json:"-"`
	Line     string    `bun:"line" json:"line" description:"行，例如 罗庄街道；空则取消"`
	Heading  string    `bun:"heading" json:"heading" description:"列，例如 筹款数"`
	SetBy    id.ID     `bun:"set_by" json:"-"`
	SetAt    time.Time `bun:"set_at" json:"-"`
}

// MostLabels is how many labels one request may set.
const MostLabels = 500

// SetLabels labels donations of a fund; an empty line takes a label off. All of
// them are set or none.
func (s *Service) SetLabels(ctx context.Context, who party.Actor, of id.ID, list []Label) error {
	if len(list) == 0 || len(list) > MostLabels {
		return fault.New(fault.Invalid, "一次可以设置 1 至 %d 笔捐赠的分组", MostLabels)
	}
	return db.Tx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		f, err := fund.ForUpdate(ctx, tx, of)
		if err != nil {
			return err
		}
		if err := s.Funds.Require(who, f, "disclose_label"); err != nil {
			return err
		}
		now := s.clock.Now()
		var c fault.Check
		for _, l := range list {
			l.Line, l.Heading = strings.TrimSpace(l.Line), strings.TrimSpace(l.Heading)
			l.Fund, l.SetBy, l.SetAt = f.ID, who.Account, now
			if err := s.label(ctx, tx, f, l, &c); err != nil {
				return err
			}
		}
		if err := c.Err(); err != nil {
			return err
		}
		return trail.Append(ctx, tx, who, now, trail.Event{ObjectKind: fund.Kind, ObjectID: f.ID, Action: "设置信息公开的分组"})
	})
}

func (s *Service) label(ctx context.Context, tx bun.Tx, f fund.Fund, l Label, c *fault.Check) error {
	d, err := donation.Read(ctx, tx, l.Donation)
	if err != nil {
		return err
	}
	if d.Fund != f.ID || d.Kind != donation.Money || d.State != donation.Confirmed {
		return fault.New(fault.NotFound, "本基金没有这笔已到账的捐款")
	}
	if l.Line == "" {
		_, err := tx.NewDelete().Model(&l).WherePK().Exec(ctx)
		return db.Translate(err)
	}
	at := "line." + string(d.ID)
	c.Must(utf8.ValidString(l.Line) && utf8.RuneCountInString(l.Line) <= 40, at, "分组的行不超过 40 个字")
	c.Must(utf8.ValidString(l.Heading) && l.Heading != "" && utf8.RuneCountInString(l.Heading) <= 20, "heading."+string(d.ID), "请填写分组的列，不超过 20 个字，例如 筹款数")
	named := d.DonorName != "" && d.DonorKind == donation.Person && (strings.Contains(l.Line, d.DonorName) || strings.Contains(l.Heading, d.DonorName))
	c.Must(!named, at, "分组会公开，不能写捐赠人的姓名（慈善法第82条）")
	if c.Err() != nil {
		return nil //nolint:nilerr // the caller reports every line's fault at once
	}
	_, err = tx.NewInsert().Model(&l).On("CONFLICT (donation) DO UPDATE").
		Set("line = EXCLUDED.line, heading = EXCLUDED.heading, set_by = EXCLUDED.set_by, set_at = EXCLUDED.set_at").Exec(ctx)
	return db.Translate(err)
}

// Labels are the labels of a fund's donations, for its own staff.
func (s *Service) Labels(ctx context.Context, who party.Actor, of id.ID) (map[id.ID]Label, error) {
	f, err := fund.Read(ctx, s.db, of)
	if err == nil {
		err = s.Funds.Require(who, f, "disclose_label")
	}
	if err != nil {
		return nil, err
	}
	return labels(ctx, s.db, of)
}

func labels(ctx context.Context, d bun.IDB, of id.ID) (map[id.ID]Label, error) {
	var rows []Label
	err := d.NewSelect().Model(&rows).Where("fund = ?", of).Scan(ctx)
	out := make(map[id.ID]Label, len(rows))
	for _, l := range rows {
		out[l.Donation] = l
	}
	return out, db.Translate(err)
}

// other is where money without a label stands in the table.
const other = "其他"

// groups lays the period's donations out by their labels, in the order in
// which the labels' donations were made. Without labels there is no table.
func (s *Service) groups(ctx context.Context, d bun.IDB, out *Figures, of id.ID, gifts map[id.ID]money.Fen) error {
	set, err := labels(ctx, d, of)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(keys(gifts), func(k id.ID) bool { _, is := set[k]; return is }) {
		return nil
	}
	g := &out.Groups
	place := func(list *[]string, name string) int {
		if i := slices.Index(*list, name); i >= 0 {
			return i
		}
		*list = append(*list, name)
		return len(*list) - 1
	}
	cells := map[[2]int]money.Fen{}
	for _, k := range keys(gifts) {
		l := set[k]
		i, j := place(&g.Lines, cmp.Or(l.Line, other)), place(&g.Headings, cmp.Or(l.Heading, other))
		cells[[2]int{i, j}] += gifts[k]
	}
	for i := range g.Lines {
		row := make([]money.Fen, len(g.Headings))
		for j := range row {
			row[j] = cells[[2]int{i, j}]
		}
		g.Cells = append(g.Cells, row)
	}
	return nil
}
