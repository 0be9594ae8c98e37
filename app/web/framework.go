package web

import (
	"strconv"
	"time"

	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/framework"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

func (w *Web) frameworkRoutes() []edge.Route {
	return []edge.Route{
		get("/tenders/{id}/framework", "public", w.framework),
		post("/tenders/{id}/framework", "buyer", w.frameworkPropose),
		post("/tenders/{id}/framework/approve", "buyer", w.frameworkApprove),
		post("/tenders/{id}/framework/return", "buyer", w.frameworkReturn),
	}
}

// frameworkPage is tender/framework.html: who is admitted and what was bought.
type frameworkPage struct {
	purchasePage
	F          framework.Framework
	Members    []framework.Member
	Calls      []tender.Tender
	Ranked     []framework.Member // for the proposal: everybody who conforms
	Most       int                // may be admitted
	Rule       rules.Rule
	Ends       string
	MayPropose bool
	MayDecide  bool
	Count      string
	Now        time.Time
}

// StateOf is where a call-off stands.
func (p frameworkPage) StateOf(t tender.Tender) templates.Status {
	return tenderStatus(t.StateAt(p.Now))
}

func (w *Web) framework(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.frameworkPage(r, t)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "tender/framework", p), nil
}

func (w *Web) frameworkPage(r *edge.Request, t tender.Tender) (*frameworkPage, error) {
	if m, _ := t.How(); !m.Admits {
		return nil, fault.New(fault.NotFound, "这个项目不是框架协议")
	}
	set, err := t.RuleSet(r.Now())
	if err != nil {
		return nil, err
	}
	p := &frameworkPage{Now: r.Now(), purchasePage: w.purchase(r, t, "入围供应商"), Rule: set.Must(rules.FrameworkElimination)}
	p.MayPropose, p.MayDecide = w.Tenders.Allowed(r.Actor(), t, "propose"), w.Tenders.Allowed(r.Actor(), t, "decide")
	p.F, p.Members, err = w.Frameworks.Of(r.Context(), r.Actor(), t)
	if err != nil && !missing(err) {
		return nil, err
	}
	if p.F.EndsAt != nil {
		p.Ends = calendar.Until(*p.F.EndsAt)
	}
	if p.MayPropose {
		_, rec, err := w.Evaluations.Result(r.Context(), r.Actor(), t.ID)
		if err != nil {
			return nil, err
		}
		for _, l := range rec.Lines {
			if _, b := rec.Of(l.Bid); l.Rank > 0 {
				p.Ranked = append(p.Ranked, framework.Member{SupplierName: b.Name, Supplier: b.Supplier, Price: l.Amount, Rank: l.Rank})
			}
		}
		p.Most = framework.MostAdmitted(set, len(p.Ranked))
		p.Count = strconv.Itoa(p.Most)
	}
	p.Calls, err = w.Frameworks.CallOffs(r.Context(), t.ID)
	return p, err
}

func (w *Web) frameworkPropose(r *edge.Request) (edge.Response, error) {
	x, f, err := idForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	n, _ := strconv.Atoi(f.Get("count")) // 0 is refused
	if _, err := w.Frameworks.Propose(r.Context(), r.Actor(), x, n); err != nil {
		return w.frameworkAgain(r, f.Get("count"), err)
	}
	return edge.Redirect(tenderPath(x)+"/framework").Flash("ok", "入围结果已提交审批"), nil
}

func (w *Web) frameworkApprove(r *edge.Request) (edge.Response, error) {
	x, _, err := idForm(r)
	if err == nil {
		err = w.Frameworks.Approve(r.Context(), r.Actor(), x)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect(tenderPath(x)+"/framework").Flash("ok", "入围结果已公布"), nil
}

func (w *Web) frameworkReturn(r *edge.Request) (edge.Response, error) {
	x, f, err := idForm(r)
	if err != nil {
		return edge.Response{}, err
	}
	if err := w.Frameworks.Return(r.Context(), r.Actor(), x, f.Get("reason")); err != nil {
		return w.frameworkAgain(r, "", err)
	}
	return edge.Redirect(tenderPath(x)+"/framework").Flash("ok", "已退回"), nil
}

func (w *Web) frameworkAgain(r *edge.Request, count string, err error) (edge.Response, error) {
	if !fault.Is(err, fault.Invalid) {
		return edge.Response{}, err
	}
	t, gerr := w.tenderOf(r)
	if gerr != nil {
		return edge.Response{}, gerr
	}
	p, gerr := w.frameworkPage(r, t)
	if gerr != nil {
		return edge.Response{}, gerr
	}
	if count != "" {
		p.Count = count
	}
	return again("tender/framework", p, err)
}
