package document

import (
	"strconv"
	"time"
)

// BidReceipt is the content of a 投标（响应）回执: that this content arrived at
// that moment. It does not hold the bid.
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
	SHA256       string    `json:"sha256"`  // of the content as submitted
	Files        []BidFile `json:"files,omitempty"`
}

// BidFile is one attachment of a bid.
type BidFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Kind is KindBidReceipt.
func (BidReceipt) Kind() string { return KindBidReceipt }

func (c BidReceipt) name() string { return "投标回执 " + c.Number }

func (c BidReceipt) draw(s *sheet) error {
	s.title("投标（响应）回执", "", c.Number)
	rows := []row{
		pairRow("项目编号", c.TenderNumber),
		pairRow("项目名称", c.TenderTitle),
	}
	if c.Package != "" {
		rows = append(rows, pairRow("包号", c.Package))
	}
	rows = append(rows,
		pairRow("采购人", c.Buyer),
		pairRow("投标人（供应商）", c.Bidder),
		pairRow("统一社会信用代码", c.BidderUSCC),
		pairRow("提交人", c.SubmittedBy),
		pairRow("收到时间", exact(c.SubmittedAt)+"（北京时间，精确到毫秒）"),
		pairRow("投标截止时间", exact(c.Deadline)+"（北京时间）"),
		pairRow("版本", "第 "+strconv.Itoa(c.Version)+" 版（同一投标人以截止前最后一版为准）"),
		pairRow("内容校验值\n（SHA-256）", c.SHA256))
	s.table(grid{size: 10, cols: []column{{share: 26, align: 'L'}, {share: 90, align: 'L'}}}, rows)
	if len(c.Files) > 0 {
		s.heading("所附文件")
		g := grid{size: 8.5, cols: []column{{"序号", 9, 'C'}, {"文件名", 44, 'L'}, {"大小", 18, 'R'}, {"SHA-256", 60, 'L'}}}
		files := make([]row, len(c.Files))
		for i, f := range c.Files {
			files[i] = row{{text: number(i + 1)}, {text: f.Name}, {text: size(f.Bytes)}, {text: f.SHA256}}
		}
		s.table(g, files)
	}
	s.heading("本回执证明什么")
	st := style{size: 10}
	for _, p := range []string{
		"一、平台在上述“收到时间”收到了投标人提交的、校验值如上的内容。校验值由平台对所收内容（含各附件的 SHA-256）计算；各附件可由持有原文件的人自行计算核对。",
		"二、本回执不含投标内容，也不表示投标文件已通过资格审查或符合性审查。",
		"三、投标截止前，投标人可以补充、修改或者撤回；其后版本的回执不改变本回执所证明的事实。",
	} {
		s.paragraph(p, st, 2)
	}
	s.closing(c.Issue, "出具单位")
	return nil
}

func pairRow(label, value string) row { return row{{text: label, shade: true}, {text: or(value)}} }

// size is a file's size in units a person reads.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
	case n >= 1<<10:
		return strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64) + " KB"
	}
	return strconv.FormatInt(n, 10) + " 字节"
}

func number(n int) string { return strconv.Itoa(n) }
