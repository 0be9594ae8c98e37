package web

import (
	"fmt"
	"slices"
	"strconv"

	"gongji/app/edge"
	"gongji/app/foundation/donation"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/templates"
)

// giftForm is a donation as it is being typed, by a donor or by staff.
type giftForm struct {
	Fund, Kind, Amount, Method, Purpose string
	Goods                               []giftLine
	Shown                               string // "yes": masked name in public; "no": 匿名; "staff": hidden from the staff too
	Beneficiary                         string
	Relation, RelationNote              string
	Agree, NoBenefit                    bool
	Key                                 string

	DonorKind, DonorName, DonorUSCC string // offline only
}

// giftLine is one row of goods as typed; No counts from 1.
type giftLine struct {
	No                          int
	Name, Unit, Quantity, Value string
}

// Field is the name of one of the row's inputs, which is what the service
// calls it in its complaints: goods.2.quantity.
func (l giftLine) Field(name string) string { return fmt.Sprintf("goods.%d.%s", l.No, name) }

func (l giftLine) empty() bool {
	return l.Name == "" && l.Unit == "" && l.Quantity == "" && l.Value == ""
}

func readGift(f *edge.Form) giftForm {
	g := giftForm{Fund: f.Get("fund"), Kind: f.Get("kind"), Amount: f.Get("amount"), Method: f.Get("method"), Purpose: f.Get("purpose"),
		Shown: f.Get("shown"), Beneficiary: f.Get("beneficiary"), Relation: f.Get("relation"), RelationNote: f.Get("relation_note"),
		Agree: f.Get("agree") == "yes", NoBenefit: f.Get("no_benefit") == "yes", Key: f.Get("key"),
		DonorKind: f.Get("donor_kind"), DonorName: f.Get("donor_name"), DonorUSCC: f.Get("donor_uscc")}
	for i := 1; i <= donation.MostLines && f.Has(fmt.Sprintf("goods.%d.name", i)); i++ {
		l := giftLine{No: i}
		l.Name, l.Unit, l.Quantity, l.Value = f.Get(l.Field("name")), f.Get(l.Field("unit")), f.Get(l.Field("quantity")), f.Get(l.Field("value"))
		g.Goods = append(g.Goods, l)
	}
	return g
}

// edit adds a row of goods or takes one away, as the pressed button says;
// false when no such button was pressed.
func (g *giftForm) edit(step string) bool {
	switch {
	case step == "add":
		g.Goods = append(g.Goods, giftLine{})
	case len(step) > len("remove.") && step[:len("remove.")] == "remove.":
		n, err := strconv.Atoi(step[len("remove."):])
		if err != nil || n < 1 || n > len(g.Goods) {
			return false
		}
		g.Goods = slices.Delete(g.Goods, n-1, n)
	default:
		return false
	}
	g.renumber()
	return true
}

func (g *giftForm) renumber() {
	for i := range g.Goods {
		g.Goods[i].No = i + 1
	}
}

// pledge reads what was typed; c gets the complaints about what cannot be
// read. Rows left wholly empty are passed over.
func (g *giftForm) pledge(c *fault.Check) donation.Pledge {
	p := donation.Pledge{Fund: id.ID(g.Fund), Kind: donation.Kind(g.Kind), Method: g.Method, Purpose: g.Purpose, Beneficiary: g.Beneficiary,
		Relation: donation.Relation(g.Relation), RelationNote: g.RelationNote, Agree: g.Agree, NoBenefit: g.NoBenefit, Key: g.Key}
	privacy, ok := privacyOf(g.Shown)
	c.Must(ok, "shown", "请选择怎样显示捐赠人")
	p.Hidden, p.Confidential = privacy.Hidden, privacy.Confidential
	if p.Kind == donation.Money {
		p.Amount = typedMoney(c, "amount", g.Amount)
		return p
	}
	g.Goods = slices.DeleteFunc(g.Goods, giftLine.empty)
	g.renumber()
	for _, l := range g.Goods {
		t := donation.Thing{Name: l.Name, Quantity: typedCount(c, l.Field("quantity"), l.Quantity), Value: typedMoney(c, l.Field("value"), l.Value)}
		if l.Unit != "" {
			t.Unit = &l.Unit
		}
		p.Goods = append(p.Goods, t)
	}
	return p
}

func typedMoney(c *fault.Check, field, s string) *money.Fen {
	if s == "" {
		return nil
	}
	f, err := money.Parse(s)
	if err != nil {
		c.Adopt(field, err)
		return nil
	}
	return &f
}

func typedCount(c *fault.Check, field, s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		c.Fail(field, "数量应是整数，例如 200")
	}
	return n
}

// hidden carries the whole form through the page on which answers are checked.
func (g giftForm) hidden() []templates.Hidden {
	yes := map[bool]string{true: "yes"}
	out := []templates.Hidden{{Name: "fund", Value: g.Fund}, {Name: "kind", Value: g.Kind}, {Name: "amount", Value: g.Amount}, {Name: "method", Value: g.Method},
		{Name: "purpose", Value: g.Purpose}, {Name: "shown", Value: g.Shown}, {Name: "beneficiary", Value: g.Beneficiary}, {Name: "relation", Value: g.Relation},
		{Name: "relation_note", Value: g.RelationNote}, {Name: "agree", Value: yes[g.Agree]}, {Name: "no_benefit", Value: yes[g.NoBenefit]},
		{Name: "key", Value: g.Key}, {Name: "donor_kind", Value: g.DonorKind}, {Name: "donor_name", Value: g.DonorName}, {Name: "donor_uscc", Value: g.DonorUSCC}}
	for _, l := range g.Goods {
		out = append(out, templates.Hidden{Name: l.Field("name"), Value: l.Name}, templates.Hidden{Name: l.Field("unit"), Value: l.Unit},
			templates.Hidden{Name: l.Field("quantity"), Value: l.Quantity}, templates.Hidden{Name: l.Field("value"), Value: l.Value})
	}
	return out
}

// answers shows a pledge back in words before it binds.
func (g giftForm) answers(p donation.Pledge) []templates.Answer {
	var out []templates.Answer
	say := func(label, value, article string) {
		out = append(out, templates.Answer{Label: label, Value: value, Article: article})
	}
	if g.DonorKind != "" {
		say("捐赠人", map[string]string{"person": g.DonorName, "organisation": g.DonorName, "unknown": donation.Anonymous}[g.DonorKind], "")
	}
	if p.Kind == donation.Money && p.Amount != nil {
		say("捐赠金额", p.Amount.Yuan()+" 元（"+p.Amount.Upper()+"）", "")
	}
	for i, t := range p.Goods {
		v := t.Name + "　" + strconv.FormatInt(t.Quantity, 10)
		if t.Unit != nil {
			v += " " + *t.Unit
		}
		if t.Value != nil {
			v += "，价值 " + t.Value.Yuan() + " 元（须上传凭证）"
		}
		say(fmt.Sprintf("物资 %d", i+1), v, "")
	}
	if p.Method != "" {
		say("捐赠方式", p.Method, "")
	}
	if p.Purpose != "" {
		say("希望用于", p.Purpose, "")
	}
	if p.Beneficiary != "" {
		say("希望受益的单位", p.Beneficiary, "慈善法第40条")
	}
	shown := "公开页面显示部分姓名或名称，其余用 * 代替"
	switch {
	case p.Confidential:
		shown = "公开页面显示“匿名”；基金会里只有收据经办人（财务、复核人）看得到"
	case p.Hidden:
		shown = "公开页面显示“匿名”"
	}
	say("怎样显示捐赠人", shown, "慈善法第82条")
	relation := "没有"
	if p.Relation == donation.Declared {
		relation = "有：" + p.RelationNote
	}
	say("与受益人的利害关系", relation, "慈善法第40条")
	say("自愿无偿", "是，不因本次捐赠取得利益", "财综〔2024〕1号第8条")
	return out
}

var methods = []templates.Option{{Value: "银行转账", Label: "银行转账"}, {Value: "现金", Label: "现金"}, {Value: "支票", Label: "支票"}}
