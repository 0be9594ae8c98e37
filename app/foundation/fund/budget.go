package fund

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// BudgetKind is a budget's object kind.
const BudgetKind = "fund_budget"

// MostLines is how many lines a budget may have.
const MostLines = 40

// BudgetRow is a line as typed.
type BudgetRow struct {
	Name   string `json:"name" description:"科目，例如 上门照料"`
	Amount string `json:"amount" description:"全年金额，元"`
}

// Line is a line of a budget: its name is its identity, so that a revision
// keeps what was charged to it.
type Line struct {
	Name   string    `json:"name"`
	Amount money.Fen `json:"amount"` // 分, of the year
}

// Charge is what payments charge to a line, in 分.
type Charge struct {
	Paid    money.Fen `json:"paid"`
	Waiting money.Fen `json:"waiting"` // approved, not yet paid
}

// Sum is both together.
func (c Charge) Sum() money.Fen { return c.Paid + c.Waiting }

// BudgetState is where a year's budget, or its revision, stands.
type BudgetState string

// The states of a budget.
const (
	BudgetDraft    BudgetState = "draft"
	BudgetReview   BudgetState = "review"
	BudgetApproved BudgetState = "approved"
)

// Budget is what a fund plans to spend in a year. Lines are in force since the
// last approval, also while a revision (Form) is being written.
type Budget struct {
	bun.BaseModel `bun:"table:fund_budget"`

	ID         id.ID       `bun:"id,pk" json:"id"`
	Fund       id.ID       `bun:"fund" json:"fund"`
	Year       int         `bun:"year" json:"year"`
	State      BudgetState `bun:"state" json:"state"`
	Version    int64       `bun:"version" json:"version"`
	Form       []BudgetRow `bun:"form" json:"-"`
	Lines      []Line      `bun:"lines" json:"lines"`
	Reason     string      `bun:"reason" json:"reason,omitempty"` // why sent back
	DraftedBy  id.ID       `bun:"drafted_by" json:"-"`
	ApprovedBy *id.ID      `bun:"approved_by" json:"-"`
	CreatedAt  time.Time   `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time   `bun:"updated_at" json:"updated_at"`
	ApprovedAt *time.Time  `bun:"approved_at" json:"approved_at,omitempty"`
}

// StateName is the state as people read it.
func (b Budget) StateName() string {
	switch {
	case b.State == BudgetReview:
		return "待审批"
	case b.State == BudgetApproved:
		return "执行中"
	case b.Reason != "":
		return "已退回，待修改"
	case len(b.Lines) > 0:
		return "执行中，正在调整"
	case b.ID == "":
		return "尚未编制"
	}
	return "草稿"
}

// InForce reports whether payments of the year are held to the budget.
func (b Budget) InForce() bool { return len(b.Lines) > 0 }

// Line is a line in force by its name.
func (b Budget) Line(name string) (Line, bool) {
	for _, l := range b.Lines {
		if l.Name == name {
			return l, true
		}
	}
	return Line{}, false
}

// Total adds up the lines in force.
func (b Budget) Total() money.Fen {
	var sum money.Fen
	for _, l := range b.Lines {
		sum += l.Amount // each ≤ 10^15 分 and at most MostLines of them: no overflow
	}
	return sum
}

func storableRows(rows []BudgetRow) error {
	var c fault.Check
	c.Must(len(rows) <= MostLines, "lines", "预算最多 %d 行", MostLines)
	for _, r := range rows {
		for _, v := range []string{r.Name, r.Amount} {
			c.Must(utf8.ValidString(v) && !strings.ContainsRune(v, 0) && utf8.RuneCountInString(v) <= 200, "lines", "内容太长或有无法识别的字符，请重新输入")
		}
	}
	return c.Err()
}

// read takes the rows of a budget that is to be submitted, complaining of what
// does not fit; charged are the lines that payments hang on.
func (b Budget) read(charged map[string]Charge) ([]Line, error) {
	var c fault.Check
	var out []Line
	seen := map[string]bool{}
	for _, r := range b.Form {
		name := strings.TrimSpace(r.Name)
		if name == "" && strings.TrimSpace(r.Amount) == "" {
			continue
		}
		n := utf8.RuneCountInString(name)
		c.Must(n >= 2 && n <= 40, "lines", "每行都要填写科目，2–40 个字")
		c.Must(!seen[name], "lines", "科目“%s”填了两次，请合并", name)
		seen[name] = true
		amount, err := money.Parse(r.Amount)
		if err != nil {
			c.Fail("lines", "“%s”的金额：%s", name, err.Error())
			continue
		}
		c.Must(amount > 0, "lines", "“%s”的金额应大于 0 元", name)
		if used := charged[name].Sum(); amount < used {
			c.Fail("lines", "“%s”已支付和待付 %s 元，预算不能低于这个数", name, used.Yuan())
		}
		out = append(out, Line{name, amount})
	}
	for name, x := range charged {
		if x.Sum() > 0 && !seen[name] {
			c.Fail("lines", "“%s”已有付款，不能删去", name)
		}
	}
	c.Must(len(out) > 0 || c.Failed("lines"), "lines", "请至少填写一行预算")
	return out, c.Err()
}

// Use is a line against what was charged to it.
type Use struct {
	Line
	Charge
}

// Left is what of the line is not charged, in 分; below zero where a payment
// beyond the budget was resolved on.
func (u Use) Left() money.Fen { return u.Amount - u.Sum() }

// Against puts the lines in force beside what was charged to them.
func (b Budget) Against(charged map[string]Charge) []Use {
	out := make([]Use, len(b.Lines))
	for i, l := range b.Lines {
		out[i] = Use{l, charged[l.Name]}
	}
	return out
}
