package seal

import (
	"time"
	"unicode/utf8"

	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
)

// FormFormat and BidFormat name the two JSON documents of a sealed bid.
const (
	FormFormat = "gongji-bid-form-1"
	BidFormat  = "gongji-bid-1"
)

// The longest texts, in characters; longer ones belong in an attachment.
const (
	MaxAnswer   = 5000
	MaxDelivery = 500
	MaxName     = 200
)

// Bounds of a bid, in bytes.
const (
	MaxFiles       = 60
	MaxFile  int64 = 100 << 20
	// MaxPlain bounds everything in one bid, padding included.
	MaxPlain    int64 = 2 << 30
	maxManifest int64 = 4 << 20
)

// Form is what a bidder needs to make a bid without asking the platform
// anything: public from the day the tender is.
type Form struct {
	Format    string     `json:"format" enum:"gongji-bid-form-1"`
	Tender    id.ID      `json:"tender"`
	Number    string     `json:"number"`
	Title     string     `json:"title"`
	Deadline  time.Time  `json:"deadline"`
	Recipient string     `json:"recipient"` // age1…
	Questions []Question `json:"questions"`
	Ceiling   Ceiling    `json:"ceiling"`
}

// Question is one line that a bidder answers. Weight is in hundredths of a
// point; 0 for a line that is not scored.
type Question struct {
	Key         string `json:"key"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Weight      int64  `json:"weight"`
}

// Ceiling is 最高限价 as published; Limit is what a price is held to: the
// ceiling, or the budget where there is none, nil where neither is known. All
// in 分; a unit price is 分 per Unit.
type Ceiling struct {
	Kind   string     `json:"kind" enum:",total,unit"`
	Amount *money.Fen `json:"amount,omitempty"`
	Unit   string     `json:"unit,omitempty"`
	Limit  *money.Fen `json:"limit,omitempty"`
}

// CheckForm refuses a form that no bid can be made from.
func CheckForm(f Form) error {
	switch {
	case f.Format != FormFormat:
		return bad("这不是投标格式文件（%s），请在项目页面重新下载“投标格式文件”", FormFormat)
	case !id.Valid(string(f.Tender)):
		return bad("投标格式文件中的项目编号不对，请在项目页面重新下载")
	case f.Recipient == "":
		return bad("投标格式文件中没有项目公钥，请在项目页面重新下载")
	}
	return nil
}

// CheckBid is every complaint about a bid before it is sealed: "price",
// "delivery", "answers.KEY", "files.N". After the opening a bid is judged by
// people, not by this. The browser has the same in check.js.
func CheckBid(f Form, m Manifest) error {
	var c fault.Check
	c.Must(m.Tender == f.Tender, "tender", "投标文件写的项目与投标格式文件不是同一个项目")
	c.Must(id.Valid(string(m.Supplier)), "supplier", "请填写供应商编号：登录平台后在“我的单位”页面复制，共 26 位")
	checkPrice(&c, f.Ceiling, m.Price)
	c.Must(m.Delivery != "", "delivery", "请写明服务期限和交付承诺，例如：合同签订后 10 日内进场，服务一年")
	tooLong(&c, "delivery", m.Delivery, MaxDelivery)
	given := map[string]Answer{}
	for _, a := range m.Answers {
		if _, twice := given[a.Criterion]; twice {
			c.Fail("answers."+a.Criterion, "“%s”回答了两次，请只留一个", a.Name)
		}
		given[a.Criterion] = a
	}
	for _, q := range f.Questions {
		a := given[q.Key]
		c.Must(a.Text != "", "answers."+q.Key, "请回答“%s”；内容在附件中的，可写明见哪个附件", q.Name)
		tooLong(&c, "answers."+q.Key, a.Text, MaxAnswer)
		delete(given, q.Key)
	}
	for _, a := range m.Answers {
		if _, left := given[a.Criterion]; left {
			c.Fail("answers."+a.Criterion, "采购文件中没有编号为“%s”的评审因素，请删去", a.Criterion)
		}
	}
	checkFiles(&c, m.Files)
	return c.Err()
}

func checkPrice(c *fault.Check, k Ceiling, price money.Fen) {
	if err := money.Accept(price); err != nil {
		c.Adopt("price", err)
		return
	}
	if price == 0 {
		c.Fail("price", "请填写报价，应大于 0 元")
		return
	}
	what := "最高限价"
	if k.Amount == nil {
		what = "预算"
	}
	if k.Limit != nil && price > *k.Limit {
		c.Fail("price", "报价 %s 元超过%s %s 元，超过的报价无效", price.Yuan(), what, k.Limit.Yuan())
	}
}

func tooLong(c *fault.Check, field, text string, most int) {
	if n := utf8.RuneCountInString(text); n > most {
		c.Fail(field, "最多 %d 字，现在是 %d 字；更长的内容请放进附件", most, n)
	}
}
