package web

import (
	"strconv"

	"gongji/app/edge"
	"gongji/app/kernel/calendar"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/id"
	"gongji/app/kernel/law"
	"gongji/app/kernel/rules"
	"gongji/app/party/standing"
	"gongji/templates"
)

// listingPage is listing/show.html: one listing, and what this person may do.
type listingPage struct {
	templates.Chrome
	Case      standing.Case
	Status    templates.Status
	Facts     []templates.KV
	Due       *templates.Deadline
	Heard     bool // the statement came, or its time is over
	Waiting   string
	May       map[string]bool
	Open      *standing.Plea
	Early     string // from when a removal may be asked, where it is too early
	EarlyRule string
	Form      listingForm
	Events    []templates.Event
}

// listingForm is what was typed on the page of a listing.
type listingForm struct {
	Statement, Answer, Begins, Kind, Text string
}

func (w *Web) listingPage(r *edge.Request) (*listingPage, error) {
	at, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	x, err := w.Standing.Get(r.Context(), r.Actor(), at)
	if err != nil {
		return nil, err
	}
	rows := listingRows(r, []standing.Listing{x.Listing})
	p := &listingPage{Case: x, Status: rows[0].Status, Events: timeline(x.Timeline), May: map[string]bool{}}
	for _, action := range []string{"state", "decide", "objection", "removal", "answer"} {
		p.May[action] = w.Standing.Allowed(r.Actor(), x.Listing, action)
	}
	p.Title = "列入“" + x.KindName() + "”"
	p.Breadcrumbs = []templates.Crumb{{Label: "信用名单公示", Href: "/listings"}, {Label: x.OrgName}}
	p.Facts = listingFacts(x.Listing, rows[0].Until)
	for i := range x.Pleas {
		if x.Pleas[i].State == standing.Open {
			p.Open = &x.Pleas[i]
		}
	}
	p.clock(w, r)
	return p, nil
}

func listingFacts(l standing.Listing, until string) []templates.KV {
	out := []templates.KV{{Label: "组织", Value: l.OrgName, Href: "/organisations/" + string(l.Organisation)}, {Label: "名单", Value: l.KindName(), Article: l.Article},
		{Label: "决定机关", Value: l.AuthorityName, Href: "/organisations/" + string(l.Authority)}}
	if l.Number != "" {
		out = append(out, templates.KV{Label: "决定文号", Value: l.Number, Mono: true})
	}
	if l.BeginsAt != nil {
		out = append(out, templates.KV{Label: "生效", Value: l.BeginsAt.In(clock.Beijing).Format("2006年1月2日 15:04")}, templates.KV{Label: "期限", Value: until})
	} else if l.Months != nil {
		out = append(out, templates.KV{Label: "拟定期限", Value: strconv.FormatInt(*l.Months, 10) + " 个月"})
	}
	effect := "不限制参加采购和接受资助"
	switch {
	case l.BlocksPurchase && l.BlocksFunding:
		effect = "其间不能参加采购、成交、入围、签订合同，不能申请和获得资助"
	case l.BlocksPurchase:
		effect = "其间不能参加采购、成交、入围、签订合同"
	case l.BlocksFunding:
		effect = "其间不能申请和获得资助"
	}
	source, open := law.Split(l.Effect)
	return append(out, templates.KV{Label: "影响", Value: effect, Article: source, Unverified: open})
}

// clock sets the deadline that runs, and who must act.
func (p *listingPage) clock(w *Web, r *edge.Request) {
	x, now := p.Case, r.Now()
	switch x.StateNow {
	case standing.Noticed:
		p.Heard = x.StatementAt != nil || x.StatementUntil == nil || !now.Before(*x.StatementUntil)
		p.May["state"] = p.May["state"] && !p.Heard
		rule := rules.At(now).Must(rules.StandingStatement)
		if !p.Heard {
			p.Due = &templates.Deadline{Label: "陈述申辩截止", At: *x.StatementUntil, Now: now, Ends: true, Article: rule.Article, Unverified: !rule.Certain}
		}
		switch {
		case !p.Heard && !p.May["state"]:
			p.Waiting = "等待“" + x.OrgName + "”陈述申辩，期满或者收到后由另一位审批人决定。"
		case p.Heard && !p.May["decide"]:
			p.Waiting = "等待" + x.AuthorityName + "的审批人决定；起草告知的人不能决定。"
		}
	case standing.InForce:
		if x.UntilAt != nil {
			p.Due = &templates.Deadline{Label: "期限届满", At: *x.UntilAt, Now: now, Ends: true, Article: x.Article}
		}
		if by, rule := w.Standing.ObjectBy(x.Listing); by != nil && now.Before(*by) {
			if p.May["objection"] && p.Open == nil {
				p.Due = &templates.Deadline{Label: "提出异议截止", At: *by, Now: now, Ends: true, Article: rule.Article, Unverified: !rule.Certain}
			}
		} else {
			p.May["objection"] = false
		}
		if from, rule := standing.RemovalFrom(x.Listing); now.Before(from) {
			if p.May["removal"] {
				p.Early, p.EarlyRule = "最早可以申请移出："+calendar.Until(from), rule.Source()
			}
			p.May["removal"] = false
		}
		if p.Open != nil && !p.May["answer"] && x.Pleas != nil {
			p.Waiting = "等待" + x.AuthorityName + "的审批人答复" + p.Open.Kind.Name() + "。"
		}
	}
	if p.Open != nil {
		p.May["objection"], p.May["removal"] = false, false
	} else {
		p.May["answer"] = false
	}
}

func (w *Web) listingShow(r *edge.Request) (edge.Response, error) {
	p, err := w.listingPage(r)
	return edge.HTML(200, "listing/show", p), err
}

func (w *Web) listingDo(r *edge.Request, done string, do func(p *listingPage, at id.ID) error) (edge.Response, error) {
	p, err := w.listingPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Form = listingForm{f.Get("statement"), f.Get("answer"), f.Get("begins"), f.Get("kind"), f.Get("text")}
	if err := do(p, p.Case.ID); err != nil {
		return again("listing/show", p, err)
	}
	return edge.Redirect(listingHref(p.Case.Listing)).Flash("ok", done), nil
}

func (w *Web) listingState(r *edge.Request) (edge.Response, error) {
	return w.listingDo(r, "陈述申辩已提交", func(p *listingPage, at id.ID) error {
		_, err := w.Standing.State(r.Context(), r.Actor(), at, p.Form.Statement)
		return err
	})
}

func (w *Web) listingDecide(r *edge.Request) (edge.Response, error) {
	return w.listingDo(r, "决定已作出并通知对方", func(p *listingPage, at id.ID) error {
		f, err := r.Form()
		if err == nil {
			_, err = w.Standing.Decide(r.Context(), r.Actor(), at, standing.Ruling{List: f.Get("decision") == "list", Answer: p.Form.Answer, Begins: p.Form.Begins})
		}
		return err
	})
}

func (w *Web) listingPlead(r *edge.Request) (edge.Response, error) {
	return w.listingDo(r, "已提交，等待答复", func(p *listingPage, at id.ID) error {
		_, err := w.Standing.Plead(r.Context(), r.Actor(), at, standing.PleaKind(p.Form.Kind), p.Form.Text)
		return err
	})
}

func (w *Web) listingAnswer(r *edge.Request) (edge.Response, error) {
	return w.listingDo(r, "答复已作出并通知对方", func(p *listingPage, at id.ID) error {
		plea, err := r.ID("plea")
		if err != nil {
			return err
		}
		f, err := r.Form()
		if err == nil {
			_, err = w.Standing.Answer(r.Context(), r.Actor(), at, plea, f.Get("decision") == "grant", p.Form.Answer)
		}
		return err
	})
}
