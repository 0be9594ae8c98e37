package document

import (
	"strings"
	"time"

	"gongji/app/kernel/money"
)

// OpeningRecord is the content of a 开标记录 (87号令 art. 40–41): what was read
// out, or why nothing was opened.
type OpeningRecord struct {
	Issue
	TenderNumber string     `json:"tender_number"`
	TenderTitle  string     `json:"tender_title"`
	Method       string     `json:"method"` // 采购方式
	Buyer        string     `json:"buyer"`
	Ceiling      *money.Fen `json:"ceiling_fen,omitempty"` // 最高限价
	Deadline     time.Time  `json:"deadline"`
	OpenedAt     time.Time  `json:"opened_at"`
	Place        string     `json:"place"` // an address, or 线上
	Openers      []Person   `json:"openers"`
	Holders      []Person   `json:"holders,omitempty"` // whose shares opened the bids
	// NotOpened is set when the bids stay closed.
	NotOpened *NotOpened  `json:"not_opened,omitempty"`
	Received  int         `json:"received"` // bids at the deadline
	Bids      []OpenedBid `json:"bids,omitempty"`
	// Ended is set when bids were opened but too few could be.
	Ended      *NotOpened  `json:"ended,omitempty"`
	Objections []Objection `json:"objections,omitempty"`
	Late       string      `json:"late,omitempty"` // that it did not begin at the deadline
	Closed     *time.Time  `json:"closed,omitempty"`
	ClosedBy   *Person     `json:"closed_by,omitempty"`
	Remark     string      `json:"remark,omitempty"` // on objections, mostly
}

// Objection is what a bidder said against what was read out.
type Objection struct {
	Bidder string    `json:"bidder"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
}

// Person is a name with what they were there as.
type Person struct {
	Name string `json:"name"`
	Role string `json:"role"`
}

// NotOpened is the reason, with its article (87号令第四十一条).
type NotOpened struct {
	Reason  string `json:"reason"`
	Article string `json:"article"`
}

// OpenedBid is one bid as read out.
type OpenedBid struct {
	Bidder      string     `json:"bidder"`
	Price       *money.Fen `json:"price_fen,omitempty"`
	PriceText   string     `json:"price_text,omitempty"` // a unit price or a rate, instead of Price
	Duration    string     `json:"duration,omitempty"`   // 服务期限
	SubmittedAt time.Time  `json:"submitted_at"`
	SHA256      string     `json:"sha256,omitempty"`
	// Failed is why it could not be opened, through its bidder's own fault.
	Failed string `json:"failed,omitempty"`
	Remark string `json:"remark,omitempty"`
}

// Kind is KindOpeningRecord.
func (OpeningRecord) Kind() string { return KindOpeningRecord }

func (c OpeningRecord) name() string { return "开标记录 " + c.Number }

func (c OpeningRecord) draw(s *sheet) error {
	s.title("开标记录", "", c.Number)
	opened := exact(c.OpenedAt)
	if c.NotOpened != nil {
		opened = "未开标"
	}
	g := grid{size: 10, cols: []column{{share: 22, align: 'L'}, {share: 38, align: 'L'}, {share: 26, align: 'L'}, {share: 42, align: 'L'}}}
	s.table(g, append([]row{
		wide("项目名称", c.TenderTitle),
		both("项目编号", c.TenderNumber, "采购方式", c.Method),
		both("采购人", c.Buyer, "最高限价（元）", yuan(c.Ceiling)),
		both("投标截止时间", moment(c.Deadline), "开标时间", opened),
		both("开标地点", c.Place, "截止时收到投标", number(c.Received)+" 份"),
		wide("开标人员", people(c.Openers)),
	}, c.presence()...))
	if n := c.NotOpened; n != nil {
		s.heading("不予开标")
		s.paragraph(n.Reason, style{size: 10.5}, 2)
		if n.Article != "" {
			s.paragraph("依据："+n.Article, style{size: 10.5}, 2)
		}
		s.paragraph("投标文件未开启，其内容不公开。", style{size: 10.5}, 2)
	} else {
		s.heading("唱标内容")
		bids := make([]row, len(c.Bids))
		for i, b := range c.Bids {
			price := b.PriceText
			if b.Price != nil {
				price = b.Price.Yuan()
			}
			if b.Failed != "" {
				price = "未开启"
			}
			bids[i] = row{{text: number(i + 1)}, {text: b.Bidder}, {text: or(price)}, {text: or(b.Duration)}, {text: exact(b.SubmittedAt)}, {text: or(b.Remark)}}
		}
		s.table(grid{size: 8.5, cols: []column{{"序号", 9, 'C'}, {"投标人", 36, 'L'}, {"投标报价（元）", 25, 'R'}, {"服务期限", 32, 'L'}, {"提交时间", 25, 'L'}, {"备注", 16, 'L'}}}, bids)
		c.failures(s)
		c.hashes(s)
	}
	if n := c.Ended; n != nil {
		s.heading("废标")
		s.paragraph(n.Reason+"。依据："+n.Article, style{size: 10.5}, 2)
	}
	if len(c.Objections) > 0 {
		s.heading("投标人的异议")
		for i, o := range c.Objections {
			s.paragraph(number(i+1)+"．"+o.Bidder+"（"+exact(o.At)+"）："+o.Text, style{size: 10}, 2)
		}
	}
	if c.Late != "" {
		s.heading("开标时间的说明")
		s.paragraph(c.Late, style{size: 10}, 2)
	}
	if c.Remark != "" {
		s.heading("其他事项")
		s.paragraph(c.Remark, style{size: 10}, 2)
	}
	s.y += 4
	s.sign("采购人代表：", "监督人：", "记录人：", "投标人代表：")
	s.closing(c.Issue, "采购人")
	return nil
}

// hashes lists what each bid opened must match, if it was sealed by a hash.
func (c OpeningRecord) hashes(s *sheet) {
	var rows []row
	for i, b := range c.Bids {
		if b.SHA256 != "" {
			rows = append(rows, row{{text: number(i + 1)}, {text: b.SHA256}})
		}
	}
	if len(rows) == 0 {
		return
	}
	s.heading("投标文件校验值（SHA-256）")
	s.table(grid{size: 8.5, cols: []column{{"序号", 9, 'C'}, {"与投标回执所载一致者，即为截止前提交的同一份文件", 134, 'L'}}}, rows)
}

// people lists names with what they were there as.
func people(list []Person) string {
	out := ""
	for i, p := range list {
		if i > 0 {
			out += "；"
		}
		out += p.Name
		switch {
		case strings.Contains(p.Role, "（"): // a bracket in a bracket reads badly
			out += "，" + p.Role
		case p.Role != "":
			out += "（" + p.Role + "）"
		}
	}
	return out
}

// presence says whose keys opened the bids, and who closed the opening.
func (c OpeningRecord) presence() []row {
	var rows []row
	if len(c.Holders) > 0 {
		rows = append(rows, wide("到场持钥人", people(c.Holders)))
	}
	if c.Closed != nil && c.ClosedBy != nil {
		rows = append(rows, wide("开标结束", exact(*c.Closed)+"，"+people([]Person{*c.ClosedBy})))
	}
	return rows
}

// failures are the bids that count as withdrawn.
func (c OpeningRecord) failures(s *sheet) {
	var rows []row
	for i, b := range c.Bids {
		if b.Failed != "" {
			rows = append(rows, row{{text: number(i + 1)}, {text: b.Bidder}, {text: b.Failed}})
		}
	}
	if len(rows) == 0 {
		return
	}
	s.heading("因投标人自身原因未能开启、视为撤回的投标")
	s.table(grid{size: 8.5, cols: []column{{"序号", 9, 'C'}, {"投标人", 44, 'L'}, {"原因", 90, 'L'}}}, rows)
}
