package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/kernel/money"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/contract"
)

// contractChanges is the part of the page about a signed contract.
type contractChanges struct {
	Amendments []contract.Amendment
	Waiting    *contract.Amendment // for the approver
	MayAmend   bool
	MayDecide  bool
	MayFile    bool
	Typed      amendForm
	Addition   rules.Rule // how much may be added in all
}

// added is what the approved changes added.
func (x contractChanges) added() (n money.Fen) {
	for _, a := range x.Amendments {
		if a.State == contract.Approved {
			n += a.Added
		}
	}
	return n
}

// amendForm is what was typed.
type amendForm struct{ Change, Reason, Added, EndsOn, Note, FiledNo string }

func (w *Web) contractChanges(r *edge.Request, c contract.Contract, p *contractPage) (err error) {
	may := func(action string) bool { return w.Contracts.May(r.Context(), r.Actor(), c.ID, action) == nil }
	if p.Amendments, err = w.Contracts.Amendments(r.Context(), r.Actor(), c.ID); err != nil {
		return err
	}
	if n := len(p.Amendments); n > 0 && p.Amendments[n-1].State == contract.Proposed {
		p.Waiting = &p.Amendments[n-1]
	}
	running := p.Tender.State == "contracted"
	p.MayAmend = running && p.Waiting == nil && may("amend")
	p.MayDecide = running && p.Waiting != nil && may("decide")
	p.MayFile = running && c.FiledAt == nil && may("file")
	return nil
}

// contractDo runs one step of a signed contract and comes back to its page.
func (w *Web) contractDo(r *edge.Request, done string, do func(at id.ID, f amendForm) error) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	c, err := w.Contracts.Get(r.Context(), at)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	typed := amendForm{f.Get("change"), f.Get("reason"), f.Get("added"), f.Get("ends_on"), f.Get("note"), f.Get("filed_no")}
	back := tenderPath(c.Tender) + "/contract"
	if refusal := do(at, typed); refusal != nil {
		t, err := w.Tenders.Get(r.Context(), r.Actor(), c.Tender)
		if err != nil {
			return edge.Response{}, err
		}
		p := &contractPage{purchasePage: w.purchase(r, t, "合同"), Next: w.stageNext(r, t)}
		if err := w.contractFacts(r, t, c, p); err != nil {
			return edge.Response{}, err
		}
		p.Typed = typed
		return again("contract/show", p, refusal)
	}
	return edge.Redirect(back).Flash("ok", done), nil
}

func (w *Web) contractAmend(r *edge.Request) (edge.Response, error) {
	return w.contractDo(r, "变更已提交审批", func(at id.ID, f amendForm) error {
		var c fault.Check
		in := contract.AmendInput{Change: f.Change, Reason: f.Reason, EndsOn: calendar.Typed(&c, "ends_on", f.EndsOn)}
		if v := typedMoney(&c, "added", f.Added); v != nil {
			in.Added = *v
		}
		if err := c.Err(); err != nil {
			return err
		}
		_, err := w.Contracts.Amend(r.Context(), r.Actor(), at, in)
		return err
	})
}

func (w *Web) contractAmendDecide(r *edge.Request) (edge.Response, error) {
	return w.contractDo(r, "变更已办结", func(at id.ID, f amendForm) error {
		form, err := r.Form()
		if err != nil {
			return err
		}
		_, err = w.Contracts.DecideAmendment(r.Context(), r.Actor(), at, form.Get("decision") == "approve", f.Note)
		return err
	})
}

func (w *Web) contractFile(r *edge.Request) (edge.Response, error) {
	return w.contractDo(r, "备案已登记", func(at id.ID, f amendForm) error {
		_, err := w.Contracts.File(r.Context(), r.Actor(), at, f.FiledNo)
		return err
	})
}
