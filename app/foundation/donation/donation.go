// Package donation takes directed donations: money or goods, under an
// agreement, to one active fund. A donation is pledged, then the foundation's
// finance says what arrived; only that is money (a ledger posting) or stock
// (goods movements), and only that is receipted.
//
// There is no public fundraising here (慈善法27): who gives is signed in, or
// is recorded by the foundation's staff.
package donation

import (
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/names"
)

// Kind is what is given.
type Kind string

// The kinds.
const (
	Money Kind = "money"
	Goods Kind = "goods"
)

// State is where a donation stands.
type State string

// The states. Both ends are final.
const (
	Pledged   State = "pledged"   // 待到账
	Confirmed State = "confirmed" // 已到账
	Cancelled State = "cancelled" // 已取消（捐赠人撤回或未到账）
)

// DonorKind says what the donor is, for masking and for the receipt.
type DonorKind string

// The kinds of donor.
const (
	Person       DonorKind = "person"
	Organisation DonorKind = "organisation"
	Unknown      DonorKind = "unknown" // gave without a name: a record, not a person
)

// Anonymous stands where a donor has no name or does not show it.
const Anonymous = "匿名"

// Relation is what the donor declares about the beneficiaries (慈善法40).
type Relation string

// The declarations.
const (
	NoRelation Relation = "none"
	Declared   Relation = "declared" // finance looks into it before confirming
)

// Donation is one gift. It is shown to its donor and to the foundation's
// staff, never to the public: see Given.
type Donation struct {
	bun.BaseModel `bun:"table:donation"`

	ID           id.ID     `bun:"id,pk" json:"id"`
	Foundation   id.ID     `bun:"foundation" json:"foundation"`
	Fund         id.ID     `bun:"fund" json:"fund"`
	Kind         Kind      `bun:"kind" json:"kind"`
	State        State     `bun:"state" json:"state"`
	Reference    string    `bun:"reference" json:"reference" description:"转账附言，供财务核对"`
	DonorKind    DonorKind `bun:"donor_kind" json:"donor_kind"`
	DonorAccount *id.ID    `bun:"donor_account" json:"-"`
	DonorOrg     *id.ID    `bun:"donor_org" json:"donor_organisation,omitempty"`
	DonorName    string    `bun:"donor_name" json:"donor_name"` // as given, for the receipt; "" when unknown
	DonorUSCC    *string   `bun:"donor_uscc" json:"donor_uscc,omitempty"`
	Hidden       bool      `bun:"hidden" json:"hidden" description:"不向公众显示捐赠人"`
	// Confidential hides the donor from the foundation's staff too: see Knows.
	Confidential bool   `bun:"confidential" json:"confidential" description:"除收据经办人外，对基金会工作人员也保密"`
	Withheld     bool   `bun:"-" json:"withheld,omitempty" description:"true：捐赠人对您保密"`
	Purpose      string `bun:"purpose" json:"purpose,omitempty"`
	// Beneficiary is the organisation that the donor wishes to benefit; it is
	// never tied to the donor (慈善法40).
	Beneficiary     *id.ID   `bun:"beneficiary" json:"beneficiary,omitempty"`
	BeneficiaryName string   `bun:"beneficiary_name" json:"beneficiary_name,omitempty"`
	Terms           string   `bun:"terms" json:"terms"` // the agreement as it was accepted
	Relation        Relation `bun:"relation" json:"relation"`
	RelationNote    string   `bun:"relation_note" json:"relation_note,omitempty"`
	Method          string   `bun:"method" json:"method,omitempty"` // 银行转账, 现金…
	// Amount is what was pledged, Arrived what came; 分, money only.
	Amount    *money.Fen `bun:"amount" json:"amount,omitempty"`
	Arrived   *money.Fen `bun:"arrived" json:"arrived,omitempty"`
	ArrivedAt *time.Time `bun:"arrived_at" json:"arrived_at,omitempty"`
	LedgerTx  *id.ID     `bun:"ledger_tx" json:"ledger_transaction,omitempty"`
	Note      string     `bun:"note" json:"note,omitempty"` // finance's, on confirming
	Offline   bool       `bun:"offline" json:"offline"`     // recorded by the foundation's staff
	// Gathered is how many gifts to a public campaign this settlement of its
	// platform sums up; DonorName is then the platform. nil: one gift.
	Gathered *int64 `bun:"gathered" json:"gathered,omitempty"`
	// GatheredIn is the settlement's nameless donation that this one came with:
	// its donor gave in a public campaign and asked for a receipt.
	GatheredIn *id.ID     `bun:"gathered_in" json:"gathered_in,omitempty"`
	CreatedBy  id.ID      `bun:"created_by" json:"-"`
	CreatedAt  time.Time  `bun:"created_at" json:"created_at"`
	Key        string     `bun:"idem_key" json:"-"`
	DecidedBy  *id.ID     `bun:"decided_by" json:"-"`
	DecidedAt  *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	Reason     string     `bun:"reason" json:"reason,omitempty"` // why cancelled

	// Goods with a value are counted and valued by one person (the appraiser)
	// before another confirms them; nil where nobody has valued them yet.
	AppraisedBy   *id.ID     `bun:"appraised_by" json:"-"`
	Appraiser     string     `bun:"appraiser" json:"appraiser,omitempty"`
	AppraisedAt   *time.Time `bun:"appraised_at" json:"appraised_at,omitempty"`
	AppraisalNote string     `bun:"appraisal_note" json:"appraisal_note,omitempty"`

	// A refund (捐赠退回) is asked for by one person and decided by another; it
	// reverses the posting and the donation ends as cancelled.
	RefundReason  string     `bun:"refund_reason" json:"refund_reason,omitempty"`
	RefundAskedBy *id.ID     `bun:"refund_asked_by" json:"-"`
	RefundAskedAt *time.Time `bun:"refund_asked_at" json:"refund_asked_at,omitempty"`
	RefundTx      *id.ID     `bun:"refund_tx" json:"refund_transaction,omitempty"`
	RefundedAt    *time.Time `bun:"refunded_at" json:"refunded_at,omitempty"`

	Lines []Line `bun:"-" json:"goods,omitempty"`
}

// Line is one kind of goods in a donation.
type Line struct {
	bun.BaseModel `bun:"table:donation_line"`

	Donation id.ID      `bun:"donation,pk" json:"-"`
	Line     int        `bun:"line,pk" json:"line"` // from 1
	Name     string     `bun:"name" json:"name"`
	Unit     *string    `bun:"unit" json:"unit"` // null: none stated
	Quantity int64      `bun:"quantity" json:"quantity"`
	Value    *money.Fen `bun:"value" json:"value,omitempty"`     // 分, of the whole line, as the donor says
	Arrived  *int64     `bun:"arrived" json:"arrived,omitempty"` // null until confirmed; 0: did not come
	// Proven is the value of what arrived, in 分, that a voucher proves; null
	// means the receipt lists the goods without an amount.
	Proven *money.Fen `bun:"proven" json:"proven_value,omitempty"`
	// Counted and Appraised are what the appraiser found, the value in 分 and
	// where it comes from; null where the line was not valued.
	Counted   *int64     `bun:"counted" json:"counted,omitempty"`
	Appraised *money.Fen `bun:"appraised" json:"appraised_value,omitempty"`
	Basis     Basis      `bun:"basis" json:"basis,omitempty"`
}

// Basis is what the value of goods rests on (财综〔2024〕1号).
type Basis string

// The bases.
const (
	Voucher Basis = "voucher" // 凭据注明的金额
	Fair    Basis = "fair"    // 公允价值: the voucher is far from it, or there is none but other proof
)

// Name is the basis in Chinese, "" where there is none.
func (b Basis) Name() string {
	return map[Basis]string{Voucher: "凭据金额", Fair: "公允价值（有证明）"}[b]
}

// Measure is the unit for people, "" where none is stated.
func (l Line) Measure() string {
	if l.Unit == nil {
		return ""
	}
	return *l.Unit
}

// ProofSlot is where the attachments that prove a line's value hang; those in
// slot "proof" prove every line.
func (l Line) ProofSlot() string { return proofSlot(l.Line) }

// Name is the donor for those who may see the donation and for the receipt.
func (d Donation) Name() string {
	if d.Gathered != nil {
		return d.gathering()
	}
	if d.DonorName == "" {
		return Anonymous
	}
	return d.DonorName
}

// Masked is the donor for everybody else: the name with most of it hidden, or
// 匿名 if the donor wants none of it shown (慈善法82).
func (d Donation) Masked() string {
	if d.Gathered != nil {
		return d.gathering()
	}
	if d.Hidden || d.DonorName == "" {
		return Anonymous
	}
	if d.DonorKind == Organisation {
		return names.MaskOrganisation(d.DonorName)
	}
	return names.MaskPerson(d.DonorName)
}

// RefundAsked reports whether somebody has asked to give the money back and
// nobody has decided yet.
func (d Donation) RefundAsked() bool { return d.State == Confirmed && d.RefundAskedAt != nil }

// Receiptable is what of a confirmed donation has an amount, in 分: the money
// that arrived, or the proven value of the goods; nil if there is none.
func (d Donation) Receiptable() (*money.Fen, error) {
	if d.Kind == Money {
		return d.Arrived, nil
	}
	var total money.Fen
	for _, l := range d.Lines {
		if l.Proven == nil {
			continue
		}
		var err error
		if total, err = money.Add(total, *l.Proven); err != nil {
			return nil, err
		}
	}
	if total == 0 {
		return nil, nil
	}
	return &total, nil
}

// Given is a confirmed donation as the public sees it on the fund's page.
type Given struct {
	Cursor id.ID        `json:"id"`
	At     time.Time    `json:"at"`
	Donor  string       `json:"donor"` // masked, or 匿名
	Kind   Kind         `json:"kind"`
	Amount *money.Fen   `json:"amount,omitempty"` // 分
	Goods  []GivenGoods `json:"goods,omitempty"`
}

// GivenGoods is one line of goods that arrived.
type GivenGoods struct {
	Name     string  `json:"name"`
	Unit     *string `json:"unit"`
	Quantity int64   `json:"quantity"`
}

func (d Donation) given() Given {
	g := Given{Cursor: d.ID, At: d.CreatedAt, Donor: d.Masked(), Kind: d.Kind, Amount: d.Arrived}
	if d.ArrivedAt != nil {
		g.At = *d.ArrivedAt
	}
	for _, l := range d.Lines {
		if l.Arrived != nil && *l.Arrived > 0 {
			g.Goods = append(g.Goods, GivenGoods{l.Name, l.Unit, *l.Arrived})
		}
	}
	return g
}
