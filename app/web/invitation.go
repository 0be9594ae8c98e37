package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// invitationRoutes are quiet: who is invited shows in no log.
func (w *Web) invitationRoutes() []edge.Route {
	return quiet([]edge.Route{
		get("/invitations", "supplier", w.invitationList),
		get("/invitations/export.csv", "supplier", w.invitationExport),
	})
}

// invitationPage is tender/invitations.html.
type invitationPage struct {
	templates.Chrome
	Filter templates.Filter
	Items  []tenderRow
	Pager  templates.Pager
}

// invitingMethods are the methods that name their suppliers.
func invitingMethods() []templates.Option {
	out := []templates.Option{{Label: "全部方式"}}
	for _, m := range rules.Methods() {
		for _, x := range m.Ways {
			if m.Offered && x.Suppliers != "" && x.Suppliers != rules.Anyone {
				out = append(out, templates.Option{Value: m.ID, Label: m.Name})
				break
			}
		}
	}
	return out
}

func (w *Web) invitationList(r *edge.Request) (edge.Response, error) {
	f := tenderFilter(r)
	found, err := w.Tenders.Invitations(r.Context(), r.Actor(), f)
	if err != nil {
		return edge.Response{}, err
	}
	list := w.tenderListPage(r, f, found)
	p := &invitationPage{Filter: list.Filter, Items: list.Items, Pager: list.Pager}
	p.Title = "邀请我参加的"
	p.Filter.Placeholder, p.Filter.Export = "项目、采购人或编号", "/invitations/export.csv"+query(r)
	p.Filter.Selects = []templates.FilterSelect{
		{Name: "state", Label: "状态", Value: string(f.State), Options: stateOptions(tender.PublicStates...)},
		{Name: "method", Label: "方式", Value: f.Method, Options: invitingMethods()},
	}
	return edge.HTML(200, "tender/invitations", p), nil
}

func (w *Web) invitationExport(r *edge.Request) (edge.Response, error) {
	f := tenderFilter(r)
	f.Limit = exportStride
	return export("邀请我参加的采购.csv", tenderHead, func(after id.ID) ([][]string, id.ID, error) {
		f.After = after
		page, err := w.Tenders.Invitations(r.Context(), r.Actor(), f)
		var rows [][]string
		for _, t := range page.Items {
			rows = append(rows, w.tenderCells(r, t))
		}
		return rows, page.Next, err
	})
}

// invitationDesk is the open invitations on a supplier's desk; nothing where
// there never was one.
func (w *Web) invitationDesk(r *edge.Request) ([]DeskCard, error) {
	n, first, err := w.Tenders.Invited(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	c := DeskCard{Title: "邀请我参加的", Href: "/invitations", Icon: "mail", Count: n, Text: "现在没有等待参加的邀请"}
	if first != nil {
		c.Text = "只有受邀请的供应商可以参加，截止前提交才算数"
		if first.Deadline != nil {
			c.Due = &templates.Deadline{Label: short(first.Title, 20), At: *first.Deadline, Now: r.Now()}
		}
	}
	return []DeskCard{c}, nil
}
