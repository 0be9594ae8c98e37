// Package contract records what was signed after an award, and publishes it.
package contract

import (
	"math/big"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/award"
	"gongji/app/procurement/tender"
)

// ObjectKind is what attachments, documents and the trail call a contract.
const ObjectKind = "contract"

// State is whether a contract binds.
type State string

// The states. Whether it was performed is its engagement's to know.
const (
	Signed  State = "signed"
	Revoked State = "revoked" // 已撤销: an upheld 质疑 or 投诉 took it away before it was performed
)

// Contract is a contract of a tender; one at a time binds. Its days are Beijing days at
// 00:00; EndsOn is the last day of the service.
type Contract struct {
	bun.BaseModel `bun:"table:contract"`

	ID           id.ID      `bun:"id,pk" json:"id"`
	Tender       id.ID      `bun:"tender" json:"tender"`
	Award        id.ID      `bun:"award" json:"award"`
	Number       string     `bun:"number" json:"number"`
	Title        string     `bun:"title" json:"title"`
	Buyer        id.ID      `bun:"buyer" json:"buyer"`
	BuyerName    string     `bun:"buyer_name" json:"buyer_name"`
	Supplier     id.ID      `bun:"supplier" json:"supplier"`
	SupplierName string     `bun:"supplier_name" json:"supplier_name"`
	Amount       money.Fen  `bun:"amount" json:"amount"`                   // the most that is paid in all
	UnitPrice    *money.Fen `bun:"unit_price" json:"unit_price,omitempty"` // where it is settled by count
	StartsOn     time.Time  `bun:"starts_on" json:"starts_on"`
	EndsOn       time.Time  `bun:"ends_on" json:"ends_on"`
	SignedOn     time.Time  `bun:"signed_on" json:"signed_on"`
	Bond         *money.Fen `bun:"bond" json:"bond,omitempty"`         // 履约保证金; nil: none is asked for
	Summary      id.ID      `bun:"summary" json:"summary"`             // the 合同摘要
	Text         *id.ID     `bun:"full_text" json:"text,omitempty"`    // the whole 合同
	FiledNo      string     `bun:"filed_no" json:"filed_no,omitempty"` // 备案
	FiledAt      *time.Time `bun:"filed_at" json:"filed_at,omitempty"`
	RecordedBy   id.ID      `bun:"recorded_by" json:"-"`
	RecordedAt   time.Time  `bun:"recorded_at" json:"recorded_at"`
	State        State      `bun:"state" json:"state"`
	RevokedAt    *time.Time `bun:"revoked_at" json:"revoked_at,omitempty"`
	Why          string     `bun:"revoked_reason" json:"revoked_reason,omitempty"`
}

// Input is what the officer enters. Amount is only asked where the price is
// a unit price: the most that is paid in all.
type Input struct {
	Amount   *money.Fen `json:"amount,omitempty" description:"单价合同的结算上限，单位分；总价合同按中标价，不填"`
	Bond     *money.Fen `json:"bond,omitempty" description:"履约保证金，单位分；不超过合同金额的10%，不收取不填"`
	SignedOn *time.Time `json:"signed_on" description:"签订日期"`
	StartsOn *time.Time `json:"starts_on" description:"服务开始日期"`
	EndsOn   *time.Time `json:"ends_on" description:"服务结束日期（含当日）"`
}

// SignBy is the moment by which the contract must be signed, exclusive
// (政府采购法第46条). Without the year's table of working days a last day of
// rest cannot be moved on: the plain thirtieth day then binds.
func SignBy(set rules.Set, awarded time.Time, cal *calendar.Calendar) time.Time {
	return award.SignBy(set, awarded, cal)
}

// check holds what was entered to the award and the rules.
// A draft is checked before it is signed.
func check(t tender.Tender, a award.Award, set rules.Set, in Input, now time.Time, cal *calendar.Calendar, draft bool) (Contract, error) {
	var c fault.Check
	out := Contract{Tender: t.ID, Award: a.ID, Title: t.Title, Buyer: t.Buyer, BuyerName: t.BuyerName,
		Supplier: a.Supplier, SupplierName: a.SupplierName, Amount: a.Amount}
	if t.Ceiling.Kind == tender.UnitPrice {
		price := a.Amount
		out.UnitPrice = &price
		checkCap(&c, t, in.Amount, &out)
	} else if in.Amount != nil && *in.Amount != a.Amount {
		c.Fail("amount", "合同金额应为中标价 %s 元，不得改变", a.Amount.Yuan())
	}
	checkBond(&c, set, in.Bond, &out)
	if draft {
		in.SignedOn = a.DecidedAt // not signed yet: nothing is asked of the day
	}
	out.SignedOn = day(&c, "signed_on", in.SignedOn, "请填写合同签订日期")
	out.StartsOn = day(&c, "starts_on", in.StartsOn, "请填写服务开始日期")
	out.EndsOn = day(&c, "ends_on", in.EndsOn, "请填写服务结束日期")
	if err := c.Err(); err != nil {
		return out, err
	}
	sign := set.Must(rules.ContractSign)
	switch by := SignBy(set, *a.DecidedAt, cal); {
	case out.SignedOn.Before(calendar.Date(*a.DecidedAt)):
		c.Fail("signed_on", "签订日期不能早于中标通知书发出之日")
	case out.SignedOn.After(now):
		c.Fail("signed_on", "签订日期不能晚于今天；请在签订后再登记")
	case !out.SignedOn.Before(by):
		c.FailUnder(sign.Source(), "signed_on", "合同应在中标通知书发出之日起%s签订，最迟 %s", sign.Limit(), calendar.Until(by))
	}
	c.Must(!out.EndsOn.Before(out.StartsOn), "ends_on", "服务结束日期不能早于开始日期")
	term := set.Must(rules.ContractTerm)
	if t.TermReason != "" {
		term = set.Must(rules.ContractTermStable)
	}
	if term.ID != "" && !out.EndsOn.Before(out.StartsOn.AddDate(int(term.Value), 0, 0)) {
		c.FailUnder(term.Source(), "ends_on", "合同履行期限%s，请改早结束日期", term.Limit())
	}
	return out, c.Err()
}

func checkCap(c *fault.Check, t tender.Tender, amount *money.Fen, out *Contract) {
	if amount == nil {
		c.Fail("amount", "单价合同请填写结算上限")
		return
	}
	out.Amount = *amount
	c.Adopt("amount", money.Accept(*amount))
	c.Must(*amount > 0, "amount", "结算上限应大于 0 元")
	if most := t.MostPayable(); most != nil && *amount > *most {
		c.Fail("amount", "结算上限不能超过采购文件规定的 %s 元", most.Yuan())
	}
}

// checkBond holds the 履约保证金 to its share of the contract (实施条例第48条).
func checkBond(c *fault.Check, set rules.Set, bond *money.Fen, out *Contract) {
	if bond == nil || *bond == 0 {
		return
	}
	c.Adopt("bond", money.Accept(*bond))
	rule := set.Must(rules.PerformanceBond)
	if *bond < 0 || over(*bond, out.Amount, rule.Value) {
		c.FailUnder(rule.Source(), "bond", "履约保证金%s，合同金额 %s 元，请改小", rule.Limit(), out.Amount.Yuan())
	}
	out.Bond = bond
}

// over reports whether part is more than bp hundredths of a percent of whole,
// exactly.
func over(part, whole money.Fen, bp int64) bool {
	limit := new(big.Int).Mul(big.NewInt(int64(whole)), big.NewInt(bp))
	return new(big.Int).Mul(big.NewInt(int64(part)), big.NewInt(10_000)).Cmp(limit) > 0
}

func day(c *fault.Check, field string, t *time.Time, ask string) time.Time {
	if t == nil || t.IsZero() {
		c.Fail(field, "%s", ask)
		return time.Time{}
	}
	c.Must(t.Year() >= 2000 && t.Year() < 2200, field, "%s", ask)
	return calendar.Date(*t).UTC()
}
