package receipt

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// BatchKind is what a batch of receipts is called in the access registry and
// in the trail.
const BatchKind = "receipt_batch"

// BatchState is where a batch stands.
type BatchState string

// The states of a batch.
const (
	BatchPrepared BatchState = "prepared" // 待复核: frozen, nothing issued
	BatchRunning  BatchState = "running"  // 开具中
	BatchDone     BatchState = "done"     // 已完成
	BatchDropped  BatchState = "dropped"  // 已放弃
)

// Batch is one bulk issue: who gets what was frozen when it was prepared.
type Batch struct {
	bun.BaseModel `bun:"table:receipt_batch"`

	ID           id.ID      `bun:"id,pk" json:"id"`
	Foundation   id.ID      `bun:"foundation" json:"foundation"`
	Title        string     `bun:"title" json:"title"`
	Year         *int       `bun:"year" json:"year,omitempty"`
	Fund         *id.ID     `bun:"fund" json:"fund,omitempty"`
	Campaign     *id.ID     `bun:"campaign" json:"campaign,omitempty"`
	Chosen       string     `bun:"chosen" json:"chosen,omitempty" description:"选定的捐赠登记号，空格分隔"`
	Scope        string     `bun:"scope" json:"-"` // one open batch of each
	Remark       string     `bun:"remark" json:"remark,omitempty"`
	State        BatchState `bun:"state" json:"state"`
	Round        int        `bun:"round" json:"round" description:"第几次核对；每次由另一人复核"`
	Waiting      int        `bun:"waiting" json:"waiting" description:"待开具"`
	Issued       int        `bun:"issued" json:"issued" description:"已开具"`
	Aside        int        `bun:"aside" json:"aside" description:"搁置，原因见明细"`
	Made         int        `bun:"made" json:"made" description:"PDF 已生成"`
	Amount       money.Fen  `bun:"amount" json:"amount" description:"待开具和已开具的金额合计，分"`
	Handler      id.ID      `bun:"handler" json:"-"`
	HandlerName  string     `bun:"handler_name" json:"handler"` // 收款人（经手人）
	PreparedAt   time.Time  `bun:"prepared_at" json:"prepared_at"`
	Reviewer     *id.ID     `bun:"reviewer" json:"-"`
	ReviewerName string     `bun:"reviewer_name" json:"reviewer,omitempty"` // 复核人
	ApprovedAt   *time.Time `bun:"approved_at" json:"approved_at,omitempty"`
	EndedAt      *time.Time `bun:"ended_at" json:"ended_at,omitempty"`
	Reason       string     `bun:"reason" json:"reason,omitempty"`   // why it was dropped
	Problem      string     `bun:"problem" json:"problem,omitempty"` // why it stands still; it goes on by itself
}

// Total is how many donations it covers.
func (b Batch) Total() int { return b.Waiting + b.Issued + b.Aside }

// Steps and Worked are its progress: each receipt is issued, then made.
func (b Batch) Steps() int { return 2 * (b.Waiting + b.Issued) }

// Worked is how many of the Steps are done.
func (b Batch) Worked() int { return b.Issued + b.Made }

// Percent is how much of the work is done, 0 to 100.
func (b Batch) Percent() int {
	if b.Steps() == 0 {
		return 100
	}
	return b.Worked() * 100 / b.Steps()
}

// RowState is what became of one donation of a batch.
type RowState string

// The states of a row.
const (
	RowWaiting RowState = "waiting" // 待开具
	RowIssued  RowState = "issued"  // 已开具
	RowAside   RowState = "aside"   // 搁置
)

// BatchRow is one donation of a batch as it was frozen.
type BatchRow struct {
	bun.BaseModel `bun:"table:receipt_batch_row"`

	Batch     id.ID      `bun:"batch,pk" json:"-"`
	Line      int        `bun:"line,pk" json:"line"` // from 1, in the order of the numbers
	Donation  id.ID      `bun:"donation" json:"donation"`
	Reference string     `bun:"reference" json:"reference"`
	DonorName string     `bun:"donor_name" json:"donor_name"`
	FundName  string     `bun:"fund_name" json:"fund"`
	Kind      string     `bun:"kind" json:"kind"`
	Amount    *money.Fen `bun:"amount" json:"amount,omitempty"` // 分; nil: goods without proven value
	ArrivedAt *time.Time `bun:"arrived_at" json:"arrived_at,omitempty"`
	Face      string     `bun:"face" json:"-"` // SHA-256 of what would be printed
	State     RowState   `bun:"state" json:"state"`
	Cause     Cause      `bun:"cause" json:"cause,omitempty"`
	Why       string     `bun:"why" json:"why,omitempty"` // Chinese: why it is set aside, and how to mend it
	Receipt   *id.ID     `bun:"receipt" json:"receipt,omitempty"`

	Year     *int   `bun:"year,scanonly" json:"-"`
	No       *int64 `bun:"no,scanonly" json:"-"`
	Document *id.ID `bun:"document,scanonly" json:"document,omitempty"`
	Ready    bool   `bun:"ready,scanonly" json:"ready,omitempty"`
	// Mail is how far its letter is, "" where none was asked for; MailWhy why it was not sent.
	Mail    MailState `bun:"mail,scanonly" json:"mail,omitempty"`
	MailWhy string    `bun:"mail_why,scanonly" json:"mail_why,omitempty"`
}

// Number is the receipt's, "" before it is issued.
func (r BatchRow) Number() string { return written(r.Year, r.No) }

// Scope says whose receipts a batch is: of a year, of one fund in it, of a
// campaign of public fundraising (those who asked its platform for one), or of
// donations named one by one.
type Scope struct {
	Year       int      `json:"year,omitempty" description:"到账年度；不写登记号时必填"`
	Fund       id.ID    `json:"fund,omitempty" description:"只开这个专项基金的"`
	Campaign   id.ID    `json:"campaign,omitempty" description:"只开这项公开募捐的平台名单里的捐赠人；填写后不看年度和基金"`
	References []string `json:"references,omitempty" description:"只开这些登记号的"`
	Remark     string   `json:"remark,omitempty" description:"印在每张收据的备注栏"`
}

const (
	chosenMost = 500 // donations named one by one
	// BatchMost is how many donations a batch may have.
	BatchMost = 50_000
)

// tidy is the scope as it is kept: references in capitals, each once, sorted.
func (s Scope) tidy() (Scope, error) {
	var c fault.Check
	var refs []string
	for _, r := range s.References {
		if r = strings.ToUpper(strings.TrimSpace(r)); r != "" {
			refs = append(refs, r)
		}
	}
	slices.Sort(refs)
	s.References, s.Remark = slices.Compact(refs), clean(s.Remark)
	if len(refs) == 0 && s.Campaign == "" {
		c.Must(s.Year >= 2000 && s.Year <= 2200, "year", "请选择到账年度，或写明捐赠登记号")
	}
	c.Must(len(s.References) <= chosenMost, "references", "一次最多指定 %d 个登记号；更多的请按年度或基金开具", chosenMost)
	c.Must(len([]rune(s.Remark)) <= 200, "remark", "备注不超过 200 个字")
	return s, c.Err()
}

// key is equal for two batches over the same donations.
func (s Scope) key() string {
	if len(s.References) > 0 {
		sum := sha256.Sum256([]byte(strings.Join(s.References, " ")))
		return "chosen/" + hex.EncodeToString(sum[:])
	}
	if s.Campaign != "" {
		return "campaign/" + string(s.Campaign)
	}
	return strconv.Itoa(s.Year) + "/" + string(s.Fund)
}

// title names the scope; name is the campaign's or the fund's.
func (s Scope) title(fund string) string {
	switch {
	case len(s.References) > 0:
		return fmt.Sprintf("选定的 %d 笔捐赠", len(s.References))
	case s.Campaign != "":
		return "公开募捐 · " + fund
	case fund != "":
		return fmt.Sprintf("%d 年 · %s", s.Year, fund)
	}
	return fmt.Sprintf("%d 年全部捐赠", s.Year)
}
