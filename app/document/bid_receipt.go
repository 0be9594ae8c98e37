package document

import (
	"strconv"
	"time"
)

// BidReceipt is the content of a 投标（响应）回执: that this sealed file arrived
// at that moment. It says nothing of what is in it, its size included.
type BidReceipt struct {
	Issue
	TenderNumber string    `json:"tender_number"`
	TenderTitle  string    `json:"tender_title"`
	Package      string    `json:"package,omitempty"` // 包号
	Buyer        string    `json:"buyer"`
	Bidder       string    `json:"bidder"`
	BidderUSCC   string    `json:"bidder_uscc,omitempty"`
	SubmittedBy  string    `json:"submitted_by,omitempty"` // who pressed the button
	SubmittedAt  time.Time `json:"submitted_at"`
	Deadline     time.Time `json:"deadline"`
	Version      int       `json:"version"` // 1 is the first submission
	// Documents is the version of the 采购文件 in force when it arrived; 0 where
	// nobody noted it.
	Documents int    `json:"documents,omitempty"`
	SHA256    string `json:"sha256"` // of the sealed file as received
	// LastOffer says that it is the receipt of a 最后报价.
	LastOffer bool `json:"last_offer,omitempty"`
}

// Kind is KindBidReceipt.
func (BidReceipt) Kind() string { return KindBidReceipt }

func (c BidReceipt) name() string { return "投标回执 " + c.Number }

func (c BidReceipt) draw(s *sheet) error {
	title, due, same := "投标（响应）回执", "投标截止时间", "同一投标人以截止前最后一版为准"
	if c.LastOffer {
		title, due, same = "最后报价回执", "提交最后报价的截止时间", "以截止前最后一次提交为准"
	}
	s.title(title, "", c.Number)
	rows := []row{
		pairRow("项目编号", c.TenderNumber),
		pairRow("项目名称", c.TenderTitle),
	}
	if c.Package != "" {
		rows = append(rows, pairRow("包号", c.Package))
	}
	version := "第 " + strconv.Itoa(c.Version) + " 版（" + same + "）"
	if c.Documents > 0 {
		version += "，针对采购文件第 " + strconv.Itoa(c.Documents) + " 版"
	}
	rows = append(rows,
		pairRow("采购人", c.Buyer),
		pairRow("投标人（供应商）", c.Bidder),
		pairRow("统一社会信用代码", c.BidderUSCC),
		pairRow("提交人", c.SubmittedBy),
		pairRow("收到时间", exact(c.SubmittedAt)+"（北京时间，精确到毫秒）"),
		pairRow(due, exact(c.Deadline)+"（北京时间）"),
		pairRow("版本", version),
		pairRow("密封文件\nSHA-256", c.SHA256))
	s.table(grid{size: 10, cols: []column{{share: 26, align: 'L'}, {share: 90, align: 'L'}}}, rows)
	s.heading("本回执证明什么")
	st := style{size: 10}
	for _, p := range []string{
		"一、平台在上述“收到时间”完整收到了投标人提交的密封（加密）投标文件，其 SHA-256 如上；持有该文件的人可自行计算核对。",
		"二、平台没有打开密封文件的密钥，本回执不含投标内容，也不表示投标文件能够解密，或已通过资格审查、符合性审查。",
		"三、投标截止前，投标人可以补充、修改或者撤回；其后版本的回执不改变本回执所证明的事实。",
	} {
		s.paragraph(p, st, 2)
	}
	s.closing(c.Issue, "出具单位")
	return nil
}

func pairRow(label, value string) row { return row{{text: label, shade: true}, {text: or(value)}} }

func number(n int) string { return strconv.Itoa(n) }
