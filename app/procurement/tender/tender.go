// Package tender is a purchase of services from the first draft to the public
// notice: the four questions 买什么·向谁买·怎么买·为谁买, money, method, scoring
// table and dates, and the state that bids, evaluation and contract move on.
package tender

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
)

// Scoring methods. 最低评标价法 has no scoring table.
const (
	Comprehensive = "comprehensive" // 综合评分法
	LowestPrice   = "lowest"        // 最低评标价法
)

// Kinds of ceiling.
const (
	TotalPrice = "total" // 总价
	UnitPrice  = "unit"  // 单价，按实结算
)

// Kinds of criterion.
const (
	PriceCriterion  = "price"  // computed, never scored by a person
	ExpertCriterion = "expert" // scored by the panel
)

// ScoringNames are the ways to compare offers, as people call them.
var ScoringNames = map[string]string{Comprehensive: "综合评分法", LowestPrice: "最低评标价法"}

// FullWeight is what the weights of a scoring table add up to: 100.00.
const FullWeight int64 = 10_000

// Criterion is one row of the scoring table. Weight is in hundredths of a
// point: 1000 is 10.00 of 100.
type Criterion struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Weight      int64  `json:"weight"`
	Kind        string `json:"kind" enum:"price,expert,record_rating,record_evaluation,record_on_time"`
	Bands       []Band `json:"bands,omitempty"` // of an expert criterion: its intervals
}

// Ceiling is 最高限价. For a unit price, Amount is 分 per Unit, Quantity the
// estimated number, Cap the most that is paid in all (nil: the budget).
type Ceiling struct {
	Kind     string     `bun:"kind" json:"kind" enum:",total,unit"`
	Amount   *money.Fen `bun:"amount" json:"amount,omitempty"`
	Unit     string     `bun:"unit" json:"unit,omitempty"` // 人次, 小时
	Quantity *int64     `bun:"quantity" json:"quantity,omitempty"`
	Cap      *money.Fen `bun:"cap" json:"cap,omitempty"`
}

// Facts are what a tender says. Pointers are nil where the draft, or the
// source of a demo record, does not say.
type Facts struct {
	Title         string `bun:"title" json:"title"`
	CatalogueCode string `bun:"catalogue_code" json:"catalogue_code"`
	CatalogueName string `bun:"catalogue_name" json:"catalogue_name"`
	What          string `bun:"what" json:"what"`           // 买什么: the need
	FromWhom      string `bun:"from_whom" json:"from_whom"` // 向谁买: qualification
	ForWhom       string `bun:"for_whom" json:"for_whom"`   // 为谁买: beneficiaries
	Method        string `bun:"method" json:"method" enum:",open,invited,consultation,negotiation,single,framework,calloff,emergency,inquiry" description:"inquiry（询价）只见于导入的记录，购买服务不得采用"`
	// Ground is the case the law allows the method in, Way how its suppliers are
	// found; both are ids of the method's data, with what the buyer says to them.
	Ground        string      `bun:"ground" json:"ground,omitempty"`
	GroundReason  string      `bun:"ground_reason" json:"ground_reason,omitempty"`
	Way           string      `bun:"way" json:"way,omitempty"`
	WayReason     string      `bun:"way_reason" json:"way_reason,omitempty"`
	Scoring       string      `bun:"scoring" json:"scoring" enum:",comprehensive,lowest"`
	FixedPrice    bool        `bun:"fixed_price" json:"fixed_price"` // 统一价格: price is no factor (87号令55)
	Budget        *money.Fen  `bun:"budget" json:"budget,omitempty"` // 分
	Ceiling       Ceiling     `bun:"embed:ceiling_" json:"ceiling"`
	Region        string      `bun:"region" json:"region"`
	TermMonths    *int        `bun:"term_months" json:"term_months,omitempty"`
	TermStart     *time.Time  `bun:"term_start" json:"term_start,omitempty"`
	TermEnd       *time.Time  `bun:"term_end" json:"term_end,omitempty"`
	TermReason    string      `bun:"term_reason" json:"term_reason,omitempty"` // why longer than a year (102号令24)
	TermNote      string      `bun:"term_note" json:"term_note,omitempty"`     // 自合同签订之日起
	Criteria      []Criterion `bun:"criteria" json:"criteria"`
	SMEReserved   *bool       `bun:"sme_reserved" json:"sme_reserved,omitempty"`
	Small         Small       `bun:"small" json:"small"`
	Abnormal      Abnormal    `bun:"abnormal" json:"abnormal"`
	PublicService *bool       `bun:"public_service" json:"public_service,omitempty"` // for the public, not for the buyer itself
	// Requirements are the substantive ones (★): passed or failed, never scored.
	Requirements  []string `bun:"requirements" json:"requirements,omitempty"`
	ContractTerms string   `bun:"contract_terms" json:"contract_terms,omitempty"`
	BidFormat     string   `bun:"bid_format" json:"bid_format,omitempty"`
	// SurveyBasis is how 需求调查 was done: see package survey.
	SurveyBasis string `bun:"survey_basis" json:"survey_basis,omitempty"`
	SurveyNote  string `bun:"survey_note" json:"survey_note,omitempty"`
	// PublicOpinion is how the public was asked about a service for it, and what
	// was taken up (条例15): see package survey.
	PublicOpinion string `bun:"public_opinion" json:"public_opinion,omitempty"`
	// Intention is the 采购意向 this purchase was announced by, or
	// IntentionExempt why none was: see package intention.
	Intention       *id.ID `bun:"intention" json:"intention,omitempty"`
	IntentionExempt string `bun:"intention_exempt" json:"intention_exempt,omitempty"`
	// Packages are the 包 of a draft; PackageLimits says how many one supplier
	// may bid for and win.
	Packages      []Package `bun:"packages" json:"packages,omitempty"`
	PackageLimits string    `bun:"package_limits" json:"package_limits,omitempty"`
	// DocumentsFrom nil means from publication; DocumentsUntil is exclusive.
	DocumentsFrom  *time.Time `bun:"documents_from" json:"documents_from,omitempty"`
	DocumentsUntil *time.Time `bun:"documents_until" json:"documents_until,omitempty"`
	Deadline       *time.Time `bun:"deadline" json:"deadline,omitempty"`
	OpeningPlace   string     `bun:"opening_place" json:"opening_place"`
	Contact        string     `bun:"contact" json:"contact"` // an office, never a private phone
}

// Tender is one purchase.
type Tender struct {
	bun.BaseModel `bun:"table:tender"`

	ID        id.ID   `bun:"id,pk" json:"id"`
	Buyer     id.ID   `bun:"buyer" json:"buyer"`
	BuyerName string  `bun:"buyer_name" json:"buyer_name"`
	Number    *string `bun:"number" json:"number,omitempty"` // nil until published
	State     State   `bun:"state" json:"state"`             // as stored; see StateAt
	Version   int64   `bun:"version" json:"version"`
	Facts

	// Project is set on the packages of one purchase, Package is its 包号.
	Project *id.ID `bun:"project" json:"project,omitempty"`
	Package int    `bun:"package" json:"package,omitempty"`
	// Documents is the version of the tender document in force; 0 has none.
	Documents int `bun:"document_version" json:"document_version"`
	// Invited are the suppliers that take part, where the method names them; who
	// they are is nobody's business before the result unless the notice says it.
	Invited []Supplier `bun:"invited,nullzero" json:"-"`
	// Framework is the framework that a call-off is made under.
	Framework *id.ID `bun:"framework" json:"framework,omitempty"`

	// Form is the draft as typed, the invalid included; the buyer's alone.
	Form Form `bun:"form" json:"-"`
	// Rules is the law of the day of publication, frozen.
	Rules      string `bun:"rules" json:"-"`
	Reason     string `bun:"reason" json:"reason,omitempty"` // why failed, cancelled, or sent back
	DraftedBy  id.ID  `bun:"drafted_by" json:"-"`
	ApprovedBy *id.ID `bun:"approved_by" json:"-"`
	Demo       bool   `bun:"demo" json:"demo"`
	SourceURL  string `bun:"source_url" json:"source_url,omitempty"` // of a real notice
	// Marks are the names of fields that are 演示数据, and remarks on the source.
	Marks       []string   `bun:"marks" json:"marks,omitempty"`
	CreatedAt   time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time  `bun:"updated_at" json:"updated_at"`
	SubmittedAt *time.Time `bun:"submitted_at" json:"submitted_at,omitempty"`
	PublishedAt *time.Time `bun:"published_at" json:"published_at,omitempty"`
	ClosedAt    *time.Time `bun:"closed_at" json:"closed_at,omitempty"` // failed, cancelled or completed
}

// StateAt is the state at a moment: what is stored as open is closed from its
// deadline on, by the clock alone.
func (t Tender) StateAt(now time.Time) State {
	if t.State == Open && t.Deadline != nil && !now.Before(*t.Deadline) {
		return Closed
	}
	return t.State
}

// Object is the tender's object string for the policy at a moment.
func (t Tender) Object(now time.Time) string { return "tender." + string(t.StateAt(now)) }

// Published reports whether the public may know of it.
func (t Tender) Published() bool { return t.PublishedAt != nil }

// Imported reports whether it came from elsewhere in the state it has (see
// Place): published, and under no law that was frozen here.
func (t Tender) Imported() bool { return t.Published() && t.Rules == "" }

// No is the number, "" before publication.
func (t Tender) No() string {
	if t.Number == nil {
		return ""
	}
	return *t.Number
}

// RuleSet is the law the tender is run under: the frozen set, or before
// publication the law of the day.
func (t Tender) RuleSet(now time.Time) (rules.Set, error) {
	if t.Rules == "" {
		return rules.At(now).For(t.Method), nil
	}
	return rules.Recall(t.Rules)
}

// MostPayable is the largest total a bid can lead to, in 分: the ceiling where
// it is a total, the cap or the budget where it is a unit price; nil where the
// source says nothing.
func (t Tender) MostPayable() *money.Fen {
	if t.Ceiling.Kind == TotalPrice && t.Ceiling.Amount != nil {
		return t.Ceiling.Amount
	}
	if t.Ceiling.Kind == UnitPrice && t.Ceiling.Cap != nil {
		return t.Ceiling.Cap
	}
	return t.Budget
}

// CheckPrice refuses a bid price that cannot stand: not positive, or above the
// ceiling. The price is a total or a unit price as the ceiling says. field is
// the name of the form field.
func (t Tender) CheckPrice(c *fault.Check, field string, price money.Fen) {
	if err := money.Accept(price); err != nil {
		c.Adopt(field, err)
		return
	}
	c.Must(price > 0, field, "报价应大于 0 元")
	limit, what := t.Ceiling.Amount, "最高限价"
	if limit == nil {
		limit, what = t.Budget, "预算"
	}
	if limit != nil && price > *limit {
		c.Fail(field, "报价 %s 元超过%s %s 元，超过的报价无效", price.Yuan(), what, limit.Yuan())
	}
}
