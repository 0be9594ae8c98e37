// Package document makes every PDF of the product. A document is made from
// its content alone: the same content gives the same bytes, on any day and any
// machine, so what was frozen at issue can be rendered later by a job.
//
// It is the only package that imports fpdf.
package document

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"gongji/app/kernel/fault"
)

// The kinds of document.
const (
	KindDonationReceipt   = "donation_receipt"   // 捐赠收据
	KindBidReceipt        = "bid_receipt"        // 投标回执
	KindOpeningRecord     = "opening_record"     // 开标记录
	KindAwardNotice       = "award_notice"       // 中标（成交）通知书
	KindChallengeAnswer   = "challenge_answer"   // 质疑答复
	KindContract          = "contract"           // 合同
	KindEvaluationReport  = "evaluation_report"  // 评审报告
	KindPerformanceReport = "performance_report" // 绩效评价报告
	KindContractSummary   = "contract_summary"   // 合同摘要
	KindAnnualStatement   = "annual_statement"   // 年度捐赠汇总
	KindDisclosure        = "disclosure"         // 信息公开
)

// Content is what a document says. Each kind has its own struct; its JSON is
// what is frozen at issue.
type Content interface {
	// Kind is one of the Kind constants.
	Kind() string
	issue() Issue
	name() string // the title in the file's properties
	draw(*sheet) error
}

// bare content is printed without a footer: nothing is issued by it.
type bare interface{ bare() }

var kinds = map[string]func(data []byte) (Content, error){
	KindDonationReceipt:   decode[DonationReceipt],
	KindBidReceipt:        decode[BidReceipt],
	KindOpeningRecord:     decode[OpeningRecord],
	KindAwardNotice:       decode[AwardNotice],
	KindChallengeAnswer:   decode[ChallengeAnswer],
	KindContract:          decode[Contract],
	KindEvaluationReport:  decode[EvaluationReport],
	KindPerformanceReport: decode[PerformanceReport],
	KindContractSummary:   decode[ContractSummary],
	KindDisclosure:        decode[Disclosure],
	KindAnnualStatement:   decode[AnnualStatement],
	KindTenderDocument:    decode[TenderDocument],
	KindGrantAgreement:    decode[GrantAgreement],
	KindReceiptTrial:      decode[ReceiptTrial],
	KindFundAgreement:     decode[FundAgreement],
	KindAcceptanceReport:  decode[AcceptanceReport],
	KindSurveyPoster:      decode[SurveyPoster],
	KindSurveySlips:       decode[SurveySlips],
}

func decode[T Content](data []byte) (Content, error) {
	var c T
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "文件内容不是这一类文件的格式")
	}
	return c, nil
}

// Drawing is a rendered document.
type Drawing struct {
	PDF   []byte
	Pages int
	// Missing are the characters no font has. Each is drawn as a box with its
	// code; the text taken out of the file still has it.
	Missing []rune
	// ContentHash is the SHA-256 of the content, as printed in the footer.
	ContentHash [32]byte
}

// Freeze is the content as it is to be kept. Keep the bytes as they are (text
// or bytea, never jsonb, which reorders): the footer prints their SHA-256.
func Freeze(c Content) (kind string, content []byte, err error) {
	content, err = json.Marshal(c)
	return c.Kind(), content, err
}

// Render makes the PDF of frozen content. Fields it does not know are ignored.
// Fault kinds: Invalid (unknown kind, content that contradicts itself),
// Unavailable (built without fonts). It never panics.
func Render(kind string, content []byte) ([]byte, error) {
	d, err := Draw(kind, content)
	return d.PDF, err
}

// Draw is Render with what there is to know about the result.
func Draw(kind string, content []byte) (d Drawing, err error) {
	read, ok := kinds[kind]
	if !ok {
		return Drawing{}, fault.New(fault.Invalid, "没有“%s”这一类文件", kind)
	}
	defer func() {
		if r := recover(); r != nil {
			d, err = Drawing{}, fault.Wrap(fault.Unknown, fmt.Errorf("document: %s: %v", kind, r), "文件没有生成，请联系管理员")
		}
	}()
	c, err := read(content)
	if err != nil {
		return Drawing{}, err
	}
	return render(c, content)
}

func render(c Content, frozen []byte) (Drawing, error) {
	i := c.issue()
	s, err := newSheet(plain(c.name()), i)
	if err != nil {
		return Drawing{}, err
	}
	if err := c.draw(s); err != nil {
		return Drawing{}, err
	}
	hash := sha256.Sum256(frozen)
	if _, ok := c.(bare); !ok {
		s.footers(i, hash)
	}
	d := Drawing{Pages: s.pdf.PageCount(), ContentHash: hash, Missing: s.ink.missing}
	d.PDF, err = s.finish(hash[:])
	return d, err
}

// plain is text for the file's properties, which fpdf takes up to U+FFFF.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF || r == '\n' {
			return -1
		}
		return r
	}, clean(s))
}
