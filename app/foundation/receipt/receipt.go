// Package receipt issues 捐赠收据 for confirmed donations. Finance (收款人,
// 经手人) prepares, another person (复核人) reviews; the review issues: the
// number is allocated, the content frozen and the PDF ordered in that one
// transaction. A receipt is never changed: it is voided with a reason, both it
// and its successor stay to be seen, and a donation has one live receipt.
//
// The platform makes no fiscal 票据 (财综〔2024〕1号 9); the PDF says so.
package receipt

import (
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/archive"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// State is where a receipt stands. An issued one is ready for download once
// its document is: see Row.Ready.
type State string

// The states.
const (
	Prepared State = "prepared" // 待复核, no number yet
	Returned State = "returned" // 复核退回, never had a number
	Issued   State = "issued"   // 已开具
	Void     State = "void"     // 已作废, the number stays used
)

// Receipt is one 捐赠收据.
type Receipt struct {
	bun.BaseModel `bun:"table:receipt"`

	ID           id.ID      `bun:"id,pk" json:"id"`
	Foundation   id.ID      `bun:"foundation" json:"foundation"`
	Donation     id.ID      `bun:"donation" json:"donation"`
	State        State      `bun:"state" json:"state"`
	Remark       string     `bun:"remark" json:"remark,omitempty"`
	Amount       *money.Fen `bun:"amount" json:"amount,omitempty"` // 分; nil: goods without proven value
	Handler      id.ID      `bun:"handler" json:"-"`
	HandlerName  string     `bun:"handler_name" json:"handler"` // 收款人（经手人）
	PreparedAt   time.Time  `bun:"prepared_at" json:"prepared_at"`
	Reviewer     *id.ID     `bun:"reviewer" json:"-"`
	ReviewerName string     `bun:"reviewer_name" json:"reviewer,omitempty"` // 复核人
	DecidedAt    *time.Time `bun:"decided_at" json:"decided_at,omitempty"`
	Year         *int       `bun:"year" json:"year,omitempty"`
	No           *int64     `bun:"no" json:"no,omitempty"` // 1, 2, 3 … per foundation and year
	Document     *id.ID     `bun:"document" json:"document,omitempty"`
	Reason       string     `bun:"reason" json:"reason,omitempty"` // why it was sent back
	VoidBy       *id.ID     `bun:"void_by" json:"-"`
	VoidAt       *time.Time `bun:"void_at" json:"void_at,omitempty"`
	VoidReason   string     `bun:"void_reason" json:"void_reason,omitempty"`
	Replaces     *id.ID     `bun:"replaces" json:"replaces,omitempty"` // the void receipt of the same donation before it
	// Request is the donor's asking that it answers: it then covers all of the
	// request's donations, of which Donation is the first.
	Request *id.ID `bun:"request" json:"request,omitempty"`
}

// Number is what is printed on the receipt, "2026-000001"; "" before issue.
func (r Receipt) Number() string {
	return written(r.Year, r.No)
}

func written(year *int, no *int64) string {
	if year == nil || no == nil {
		return ""
	}
	return fmt.Sprintf("%d-%06d", *year, *no)
}

// Row is a receipt with what a list shows beside it.
type Row struct {
	Receipt
	Reference      string        `bun:"reference" json:"reference"`
	DonorName      string        `bun:"donor_name" json:"donor_name"`
	Confidential   bool          `bun:"confidential" json:"confidential,omitempty"` // hidden from the staff: see donation.Knows
	FundName       string        `bun:"fund_name" json:"fund"`
	FoundationName string        `bun:"foundation_name" json:"issuer"`
	DocumentState  archive.State `bun:"document_state" json:"document_state,omitempty"`
	Code           string        `bun:"code" json:"code,omitempty"` // verification code
	SHA256         string        `bun:"sha256" json:"sha256,omitempty"`
	FiscalCode     string        `bun:"fiscal_code" json:"fiscal_code,omitempty"`     // 票据代码
	FiscalNumber   string        `bun:"fiscal_number" json:"fiscal_number,omitempty"` // 票据号码
	Covered        id.ID         `bun:"covered" json:"-"`                             // the donation that Of was asked about
	BeforeYear     *int          `bun:"before_year" json:"-"`
	BeforeNo       *int64        `bun:"before_no" json:"-"`
	AfterYear      *int          `bun:"after_year" json:"-"`
	AfterNo        *int64        `bun:"after_no" json:"-"`
}

// Predecessor is the number of the void receipt that this one replaces, ""
// where there is none.
func (r Row) Predecessor() string { return written(r.BeforeYear, r.BeforeNo) }

// Successor is the number of the receipt that replaces this void one, "" where
// there is none yet.
func (r Row) Successor() string { return written(r.AfterYear, r.AfterNo) }

// Ready reports whether the PDF can be downloaded.
func (r Row) Ready() bool { return r.SHA256 != "" }

// Readable reports whether its reader may open the PDF, which names the donor.
func (r Row) Readable() bool { return r.Ready() && r.DonorName != donation.Withheld }

// cover takes the donor from rows whose donor is hidden from the reader; all
// says that none is. The code goes too: it opens the verification page.
func cover(list []Row, all bool) []Row {
	for i := range list {
		if list[i].Confidential && !all {
			list[i].DonorName, list[i].Code, list[i].Document = donation.Withheld, "", nil
		}
	}
	return list
}
