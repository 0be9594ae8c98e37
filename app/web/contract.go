package web

import (
	"time"

	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
	"gongji/app/party/credential"
	"gongji/app/procurement/award"
	"gongji/app/procurement/contract"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) contractRoutes() []edge.Route {
	return []edge.Route{
		get("/tenders/{id}/contract", "public", w.contractShow),
		post("/tenders/{id}/contract", "buyer", w.contractRecord),
		post("/tenders/{id}/contract/text", "buyer", w.contractPrepare),
		post("/contracts/{id}/amend", "buyer", w.contractAmend),
		post("/contracts/{id}/amend/decide", "buyer", w.contractAmendDecide),
		post("/contracts/{id}/file", "buyer", w.contractFile),
	}
}

// contractPage is contract/show.html: the public facts, or the form before
// there are any.
type contractPage struct {
	purchasePage
	Contract *contract.Contract
	Facts    []templates.KV
	Summary  []templates.File
	Files    []templates.File
	Attach   string // where the buyer sends the signed text; "" for others
	Accept   string
	Form     *contractForm // nil where nothing can be recorded
	Dues     []Due
	Next     templates.Action
	Drafts   []templates.File // prepared for signing
	Revoked  []revokedContract
	Blocked  *templates.Action      // the result comes to no contract: what the buyer does
	Expired  *credential.Credential // the supplier's registration, for the two sides
	Supplier string
	Own      bool // the reader is the supplier
	contractChanges
}

// revokedContract is a contract that an upheld 质疑 or 投诉 took away.
type revokedContract struct {
	contract.Contract
	Article string
	Papers  []templates.File
}

func (w *Web) revokedContracts(r *edge.Request, t tender.Tender) ([]revokedContract, error) {
	list, err := w.Contracts.All(r.Context(), t.ID)
	out := make([]revokedContract, 0, len(list))
	for _, c := range list {
		if c.State != contract.Revoked {
			continue
		}
		papers, err := w.paper(r, &c.Summary)
		if err != nil {
			return nil, err
		}
		out = append(out, revokedContract{c, contract.RevokedBy, papers})
	}
	return out, err
}

// contractForm is what was typed.
type contractForm struct {
	Amount, Bond, SignedOn, StartsOn, EndsOn string
	Award                                    award.Award
	Unit                                     bool
}

func (w *Web) contractPage(r *edge.Request) (*contractPage, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return nil, err
	}
	p := &contractPage{purchasePage: w.purchase(r, t, "合同"), Accept: attachment.Accept, Next: w.stageNext(r, t)}
	if p.Revoked, err = w.revokedContracts(r, t); err != nil {
		return nil, err
	}
	c, err := w.Contracts.Of(r.Context(), t.ID)
	switch {
	case err == nil:
		return p, w.contractFacts(r, t, c, p)
	case !missing(err):
		return nil, err
	}
	res, err := w.Awards.Result(r.Context(), t.ID)
	if err != nil {
		if missing(err) && len(p.Revoked) > 0 {
			return p, nil
		}
		if missing(err) {
			err = fault.New(fault.NotFound, "这个项目还没有合同")
		}
		return nil, err
	}
	p.Dues = owed(w.due(r, t, "签订合同", rules.ContractSign, res.Award.DecidedAt))
	drafts, err := w.Contracts.Drafts(r.Context(), r.Actor(), t.ID)
	if err != nil {
		return nil, err
	}
	p.Drafts = documentList(drafts)
	if p.Blocked, err = w.unsignedNext(r, t); err != nil {
		return nil, err
	}
	return p, w.contractHeldUp(r, t, res.Award, p)
}

// contractHeldUp adds the form, and what holds it up, for the two sides.
func (w *Web) contractHeldUp(r *edge.Request, t tender.Tender, a award.Award, p *contractPage) (err error) {
	if p.Own = r.Actor().Org == a.Supplier; p.Own || isBuyer(r.Actor(), t) {
		p.Supplier = a.SupplierName
		if p.Expired, err = w.Credentials.Expired(r.Context(), a.Supplier); err != nil {
			return err
		}
	}
	if w.Tenders.Allowed(r.Actor(), t, "contract") {
		p.Form = &contractForm{Award: a, Unit: t.Ceiling.Kind == tender.UnitPrice}
	}
	return nil
}

func (w *Web) contractFacts(r *edge.Request, t tender.Tender, c contract.Contract, p *contractPage) (err error) {
	p.Contract = &c
	sign, publish := w.rule(r, t, rules.ContractSign), w.rule(r, t, rules.ContractPublish)
	if err := w.contractChanges(r, c, p); err != nil {
		return err
	}
	if set, err := t.RuleSet(r.Now()); err == nil {
		p.Addition = contract.AdditionRule(t, set)
	}
	amount := c.Amount.Yuan() + " 元"
	if added := p.added(); added > 0 {
		amount += "（签订时 " + (c.Amount - added).Yuan() + " 元，追加 " + added.Yuan() + " 元）"
	}
	if c.UnitPrice != nil {
		amount = c.UnitPrice.Yuan() + " " + p.Unit + "，按实际数量结算，不超过 " + amount
	}
	day := func(x time.Time) string { return x.In(clock.Beijing).Format("2006年1月2日") }
	p.Facts = []templates.KV{{Label: "合同编号", Value: c.Number, Mono: true},
		{Label: "甲方（购买主体）", Value: c.BuyerName, Href: "/organisations/" + string(c.Buyer)},
		{Label: "乙方（承接主体）", Value: c.SupplierName, Href: "/organisations/" + string(c.Supplier)},
		{Label: "合同金额", Value: amount}, {Label: "大写", Value: c.Amount.Upper()},
		{Label: "签订日期", Value: day(c.SignedOn), Article: sign.Article, Unverified: !sign.Certain},
		{Label: "公告", Value: day(c.RecordedAt), Article: publish.Article, Unverified: !publish.Certain},
		{Label: "服务期限", Value: day(c.StartsOn) + " 至 " + day(c.EndsOn)}}
	if c.Bond != nil {
		p.Facts = append(p.Facts, templates.KV{Label: "履约保证金", Value: c.Bond.Yuan() + " 元", Article: w.rule(r, t, rules.PerformanceBond).Article})
	}
	if c.FiledAt != nil {
		p.Facts = append(p.Facts, templates.KV{Label: "备案", Value: c.FiledNo + "，" + day(*c.FiledAt)})
	}
	if p.Summary, err = w.paper(r, &c.Summary); err != nil {
		return err
	}
	whole, err := w.paper(r, c.Text)
	if err != nil {
		return err
	}
	p.Summary = append(p.Summary, whole...)
	files, err := w.Contracts.Files(r.Context(), r.Actor(), c.ID)
	if err != nil {
		return err
	}
	for _, f := range files {
		p.Files = append(p.Files, templates.File{ID: string(f.ID), Name: f.Name, Size: f.Size, SHA256: f.SHA256, Href: "/attachments/" + string(f.ID)})
	}
	if w.Contracts.May(r.Context(), r.Actor(), c.ID, "attach") == nil {
		p.Attach = "/attachments/contract/" + string(c.ID)
	}
	signed := c.SignedOn
	if c.FiledAt == nil {
		p.Dues = owed(w.due(r, t, "合同副本备案", rules.ContractFile, &signed))
	}
	return nil
}

func (w *Web) contractShow(r *edge.Request) (edge.Response, error) {
	p, err := w.contractPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "contract/show", p).Shared(), nil
}

func (w *Web) contractRecord(r *edge.Request) (edge.Response, error) {
	p, in, err := w.contractTyped(r)
	if p == nil {
		return edge.Response{}, err
	}
	if err == nil {
		_, err = w.Contracts.Record(r.Context(), r.Actor(), p.Tender.ID, in)
	}
	if err != nil {
		return again("contract/show", p, err)
	}
	return edge.Redirect(r.Path()).Flash("ok", "合同已登记并公告，履约随即开始"), nil
}

// contractTyped is the page with what was typed, and that as input. The page is
// nil where there is none to show again.
func (w *Web) contractTyped(r *edge.Request) (*contractPage, contract.Input, error) {
	p, err := w.contractPage(r)
	if err != nil {
		return nil, contract.Input{}, err
	}
	f, err := r.Form()
	if err != nil {
		return nil, contract.Input{}, err
	}
	if p.Form == nil {
		p.Form = &contractForm{}
	}
	p.Form.Amount, p.Form.Bond, p.Form.SignedOn, p.Form.StartsOn, p.Form.EndsOn = f.Get("amount"), f.Get("bond"), f.Get("signed_on"), f.Get("starts_on"), f.Get("ends_on")
	in, err := p.Form.input()
	return p, in, err
}

// contractPrepare writes the contract that is to be signed.
func (w *Web) contractPrepare(r *edge.Request) (edge.Response, error) {
	p, in, err := w.contractTyped(r)
	if p == nil {
		return edge.Response{}, err
	}
	if err == nil {
		_, err = w.Contracts.Prepare(r.Context(), r.Actor(), p.Tender.ID, in)
	}
	if err != nil {
		return again("contract/show", p, err)
	}
	return edge.Redirect(tenderPath(p.Tender.ID)+"/contract").Flash("ok", "合同文本正在生成，双方都可以下载"), nil
}

// input reads what was typed; a day or an amount that cannot be read is named
// before the service is asked.
func (x contractForm) input() (contract.Input, error) {
	var c fault.Check
	in := contract.Input{SignedOn: calendar.Typed(&c, "signed_on", x.SignedOn), StartsOn: calendar.Typed(&c, "starts_on", x.StartsOn), EndsOn: calendar.Typed(&c, "ends_on", x.EndsOn)}
	in.Amount, in.Bond = typedMoney(&c, "amount", x.Amount), typedMoney(&c, "bond", x.Bond)
	return in, c.Err()
}
