package donation

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gongji/app/foundation/fund"
	"gongji/app/foundation/goods"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/names"
	"gongji/app/kernel/rules"
	"gongji/app/kernel/uscc"
)

// MostAmount bounds one donation and one line's value: one 分 below 10^13 元.
const MostAmount = 10_000_000_000_000*money.Yuan - 1

// MostLines is how many kinds of goods one donation may list.
const MostLines = 50

// Pledge is the donor's form.
type Pledge struct {
	Fund   id.ID      `json:"fund"`
	Kind   Kind       `json:"kind" enum:"money,goods"`
	Amount *money.Fen `json:"amount,omitempty" description:"分；kind=money 时必填"`
	Method string     `json:"method,omitempty" description:"例如 银行转账、现金、支票"`
	Goods  []Thing    `json:"goods,omitempty" description:"kind=goods 时至少一项"`

	Hidden       bool     `json:"hidden,omitempty" description:"true：公开页面显示“匿名”"`
	Confidential bool     `json:"confidential,omitempty" description:"true：除收据经办人外，对基金会工作人员也保密"`
	Purpose      string   `json:"purpose,omitempty" description:"希望用于什么；须在专项基金宗旨之内"`
	Beneficiary  string   `json:"beneficiary,omitempty" description:"希望受益的社会组织或社区：全称或统一社会信用代码；不能是捐赠人的利害关系人（慈善法第40条）"`
	Relation     Relation `json:"relation" enum:"none,declared" description:"是否与受益人有利害关系（慈善法第40条）"`
	RelationNote string   `json:"relation_note,omitempty" description:"有利害关系时必填"`
	Agree        bool     `json:"agree" description:"同意捐赠协议（慈善法第39条）"`
	NoBenefit    bool     `json:"no_benefit" description:"自愿无偿，不因捐赠取得利益（财综〔2024〕1号第8条）"`
	// Key makes a form count once however often it is sent; "" always counts.
	Key string `json:"key,omitempty"`
}

// Thing is one kind of goods as the donor offers it.
type Thing struct {
	Name     string     `json:"name"`
	Unit     *string    `json:"unit,omitempty" description:"没有单位可不填"`
	Quantity int64      `json:"quantity"`
	Value    *money.Fen `json:"value,omitempty" description:"分，本项合计；须上传价值凭证才计入收据金额"`
}

// Offline is a donation that staff write down for a donor without an account.
type Offline struct {
	Pledge
	DonorKind DonorKind `json:"donor_kind" enum:"person,organisation,unknown"`
	DonorName string    `json:"donor_name,omitempty" description:"匿名捐赠不填"`
	DonorUSCC string    `json:"donor_uscc,omitempty" description:"单位的统一社会信用代码，可不填"`
}

// Check cleans a pledge and complains about it; set is the rules of the day.
// A field that the caller has complained about already is left alone.
func (p *Pledge) Check(c *fault.Check, set rules.Set) {
	p.Purpose, p.RelationNote = text(p.Purpose), text(p.RelationNote)
	p.Method, p.Beneficiary = names.Clean(p.Method, 40), names.Clean(p.Beneficiary, 200)
	switch p.Kind {
	case Money:
		p.Goods = nil
		p.checkAmount(c)
	case Goods:
		p.Amount, p.Method = nil, "" // a bank transfer brings no boxes
		p.checkGoods(c)
	default:
		c.Fail("kind", "请选择捐赠资金还是物资")
	}
	c.Must(utf8.RuneCountInString(p.Purpose) <= 500, "purpose", "用途说明不超过 500 个字")
	c.Must(utf8.RuneCountInString(p.RelationNote) <= 500, "relation_note", "说明不超过 500 个字")
	c.Must(utf8.RuneCountInString(p.Beneficiary) <= 120, "beneficiary", "受益单位的名称不超过 120 个字")
	c.Must(len(p.Key) <= 64, "key", "防重复键不超过 64 个字节")
	switch article := set.Must(rules.DonationNoRelated).Source(); {
	case p.Relation != NoRelation && p.Relation != Declared:
		c.FailUnder(article, "relation", "请说明您与受益人有没有利害关系")
	case p.Relation == Declared && p.RelationNote == "":
		c.FailUnder(article, "relation_note", "请写明是什么关系，财务会核对您没有指定利害关系人受益")
	case p.Relation == NoRelation:
		p.RelationNote = ""
	}
	if !p.Agree {
		c.FailUnder(set.Must(rules.DonationAgreement).Source(), "agree", "请阅读捐赠协议并勾选同意")
	}
	if !p.NoBenefit {
		c.FailUnder(set.Must(rules.ReceiptNoBenefit).Source(), "no_benefit",
			"请确认本次捐赠自愿无偿。赞助、摊派或换取利益的款物不能作为捐赠，也不能开具收据")
	}
}

func text(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "")) }

func (p *Pledge) checkAmount(c *fault.Check) {
	switch {
	case c.Failed("amount"):
	case p.Amount == nil:
		c.Fail("amount", "请填写捐赠金额，例如 200 或 1409.50")
	default:
		c.Adopt("amount", amountError(*p.Amount))
	}
}

func amountError(f money.Fen) error {
	switch {
	case f <= 0:
		return fault.New(fault.Invalid, "金额应大于 0 元")
	case f > MostAmount:
		return fault.New(fault.Invalid, "单笔金额应小于 10 万亿元，请核对位数")
	}
	return nil
}

func (p *Pledge) checkGoods(c *fault.Check) {
	c.Must(len(p.Goods) > 0, "goods.1.name", "请至少填写一项物资")
	c.Must(len(p.Goods) <= MostLines, "goods", "一次最多填写 %d 项物资，请分次填写", MostLines)
	for i := range p.Goods {
		g := &p.Goods[i]
		at := func(f string) string { return fmt.Sprintf("goods.%d.%s", i+1, f) }
		g.Name = names.Clean(g.Name, 200)
		n := utf8.RuneCountInString(g.Name)
		c.Must(n >= 1 && n <= 80, at("name"), "第 %d 项：请填写物资名称，不超过 80 个字", i+1)
		if g.Unit != nil {
			unit := names.Clean(*g.Unit, 20)
			if g.Unit = &unit; unit == "" {
				g.Unit = nil
			}
			c.Must(utf8.RuneCountInString(unit) <= 10, at("unit"), "第 %d 项：单位不超过 10 个字，例如 只、箱、桶", i+1)
		}
		if !c.Failed(at("quantity")) {
			c.Must(g.Quantity > 0 && g.Quantity <= goods.MostQuantity, at("quantity"), "第 %d 项：数量应是 1 至 %d 的整数", i+1, goods.MostQuantity)
		}
		if g.Value != nil && !c.Failed(at("value")) {
			c.Adopt(at("value"), amountError(*g.Value))
		}
	}
}

// Check is Pledge.Check with the donor as typed.
func (o *Offline) Check(c *fault.Check, set rules.Set) {
	o.Pledge.Check(c, set)
	o.named(c)
}

// named tidies who gave and complains where it cannot be.
func (o *Offline) named(c *fault.Check) {
	o.DonorName = names.Clean(o.DonorName, 400)
	o.DonorUSCC = strings.TrimSpace(o.DonorUSCC)
	switch o.DonorKind {
	case Unknown:
		o.DonorName, o.DonorUSCC, o.Hidden = "", "", true
	case Person, Organisation:
		n := utf8.RuneCountInString(o.DonorName)
		c.Must(n >= 1 && n <= 120, "donor_name", "请填写捐赠人姓名或单位全称，不超过 120 个字；不愿留名请选“匿名捐赠”")
		if o.DonorKind == Person {
			o.DonorUSCC = ""
		} else if o.DonorUSCC != "" {
			code, err := uscc.Check(o.DonorUSCC)
			c.Adopt("donor_uscc", err)
			o.DonorUSCC = code
		}
	default:
		c.Fail("donor_kind", "请选择捐赠人是个人、单位还是匿名")
	}
}

// Arrival is what finance says came.
type Arrival struct {
	Amount *money.Fen `json:"amount,omitempty" description:"分；实际到账金额，可与认捐不同"`
	On     time.Time  `json:"on" description:"到账或签收日期"`
	Goods  []Arrived  `json:"goods,omitempty" description:"每一项物资实际收到多少"`
	Note   string     `json:"note,omitempty" description:"与认捐不同时请说明"`
	// RelationChecked is required where the donor declared a relation.
	RelationChecked bool `json:"relation_checked,omitempty" description:"已核对没有指定利害关系人受益（慈善法第40条）"`
	// Key makes a form count once however often it is sent; "" always counts.
	Key string `json:"key,omitempty" description:"防重复键；同一键重发得到第一次的结果"`
}

// bare is the arrival without its key, to compare one sending with another.
func (a Arrival) bare() Arrival {
	a.Key = ""
	return a
}

// Arrived is what came of one line.
type Arrived struct {
	Line     int        `json:"line"`
	Quantity int64      `json:"quantity" description:"0 表示未收到"`
	Value    *money.Fen `json:"value,omitempty" description:"分；凭证证明的价值，没有凭证不填；须先由另一人估值"`
	Basis    Basis      `json:"basis,omitempty" enum:"voucher,fair" description:"估值时填写：凭据金额，或有证明的公允价值"`
}

// check holds an arrival to the donation; proof says whether a line's value
// has a voucher.
func (a *Arrival) check(c *fault.Check, d Donation, proof func(Line) bool, now time.Time, set rules.Set) {
	a.Note = text(a.Note)
	c.Must(utf8.RuneCountInString(a.Note) <= 500, "note", "说明不超过 500 个字")
	if !c.Failed("on") {
		switch {
		case a.On.IsZero():
			c.Fail("on", "请填写到账（签收）日期")
		case a.On.After(now):
			c.Fail("on", "到账日期不能晚于今天")
		case a.On.Before(now.AddDate(-5, 0, 0)):
			c.Fail("on", "到账日期超过五年前，请核对年份")
		}
	}
	if d.Relation == Declared && !a.RelationChecked {
		c.FailUnder(set.Must(rules.DonationNoRelated).Source(), "relation_checked",
			"捐赠人声明与受益人有利害关系，请核对没有指定其为受益人后勾选")
	}
	if d.Kind == Money {
		switch {
		case c.Failed("amount"):
		case a.Amount == nil:
			c.Fail("amount", "请填写实际到账金额；没有到账请选“未到账”")
		default:
			c.Adopt("amount", amountError(*a.Amount))
			c.Must(*a.Amount == *d.Amount || a.Note != "", "note", "到账金额与认捐的 %s 元不同，请写明原因", d.Amount.Yuan())
		}
		return
	}
	a.checkGoods(c, d, proof, set)
}

func (a *Arrival) checkGoods(c *fault.Check, d Donation, proof func(Line) bool, set rules.Set) {
	came := map[int]Arrived{}
	for _, x := range a.Goods {
		if _, twice := came[x.Line]; twice || x.Line < 1 || x.Line > len(d.Lines) {
			c.Fail("goods", "第 %d 项重复或不存在，请按捐赠的物资逐项填写", x.Line)
			return
		}
		came[x.Line] = x
	}
	some, differs := false, false
	for _, l := range d.Lines {
		x, ok := came[l.Line]
		at := func(f string) string { return fmt.Sprintf("goods.%d.%s", l.Line, f) }
		if c.Failed(at("quantity")) || c.Failed(at("value")) {
			some = true
			continue
		}
		c.Must(ok && x.Quantity >= 0 && x.Quantity <= goods.MostQuantity, at("quantity"), "第 %d 项：请填写实际收到的数量，没有收到填 0", l.Line)
		some, differs = some || x.Quantity > 0, differs || x.Quantity != l.Quantity
		if x.Value == nil {
			continue
		}
		c.Adopt(at("value"), amountError(*x.Value))
		c.Must(x.Quantity > 0, at("value"), "第 %d 项没有收到，不能有价值", l.Line)
		if !proof(l) {
			c.FailUnder(set.Must(rules.ReceiptGoodsProof).Source(), at("value"), "第 %d 项没有价值凭证，只列实物、不开金额；请上传凭证或清空价值", l.Line)
		}
	}
	c.Must(some, "goods", "至少要有一项实际收到；都没有收到请选“未到账”")
	c.Must(!differs || a.Note != "", "note", "收到的数量与认捐不同，请写明原因")
}

// Terms is the agreement that a donor to a fund accepts; it is frozen with the
// donation.
func Terms(f fund.Fund) string {
	return fmt.Sprintf("捐赠人自愿将本次捐赠的财产无偿捐给%s，定向用于“%s”（%s）。"+
		"基金会按专项基金的宗旨和协议使用，单独核算，公开收支；改变用途须先征得捐赠人同意或依法重新备案（慈善法第56条）；"+
		"剩余财产用于相同或相近的目的并公布（慈善法第58条）。捐赠人有权查询、复制使用情况的资料（慈善法第42条）。",
		f.FoundationName, f.FullName(), f.Purpose)
}
