package web

import (
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/party"
	"gongji/app/party/organisation"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// officeCards are what waits for those who keep the register and the platform,
// and for an organisation whose own registration is not through.
func (w *Web) officeCards(r *edge.Request) ([]DeskCard, error) {
	who := r.Actor()
	switch {
	case who.Is(party.Bureau, party.Registrar), who.Is(party.Platform, party.Admin):
		n, err := w.Organisations.Count(r.Context(), who, organisation.Filter{State: organisation.Pending})
		if err != nil {
			return nil, err
		}
		out := []DeskCard{{Title: "待审核的登记", Href: "/registrar/organisations", Icon: "building-community", Count: n}}
		if n == 0 {
			out[0] = DeskCard{Title: "组织登记", Href: "/registrar/organisations", Icon: "building-community", Text: "没有待审核的登记"}
		}
		if who.OrgKind == party.Platform {
			out = append(out, DeskCard{Title: "平台运行", Href: "/platform", Icon: "server", Text: "任务、文书和单位开通"})
		}
		return out, nil
	case who.OrgKind == party.Platform:
		return []DeskCard{{Title: "平台运行", Href: "/platform", Icon: "server", Text: "任务和文书的情况"}}, nil
	case who.Org != "":
		return w.ownStanding(r)
	}
	return nil, nil
}

// ownStanding says that the actor's organisation cannot take part yet, and why.
func (w *Web) ownStanding(r *edge.Request) ([]DeskCard, error) {
	o, err := w.Organisations.Get(r.Context(), r.Actor(), r.Actor().Org)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) || err == nil && o.State == organisation.Approved {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	c := DeskCard{Title: "本单位的登记", Href: "/organisations/" + string(o.ID), Icon: "building-community", Text: "正在等待登记管理机关审核，通过后才能参与"}
	if o.State == organisation.Rejected {
		c.Text = "已退回，请按意见修改后重新提交：" + o.Reason
	}
	return []DeskCard{c}, nil
}

// firstSigning is the contract of the actor's bureau that must be signed
// before the others, and how many must be: a 框架协议 and a record that was loaded
// as it stands are published results without one.
func (w *Web) firstSigning(r *edge.Request) (n int, first *templates.Deadline, err error) {
	list, err := w.Tenders.Mine(r.Context(), r.Actor(), tender.Filter{State: tender.Awarded, Limit: 50})
	if err != nil {
		return 0, nil, err
	}
	n = list.Total
	for _, t := range list.Items {
		by, rule, err := w.Contracts.SignBy(r.Context(), t)
		if fault.Is(err, fault.NotFound) {
			n--
			continue
		} else if err != nil {
			return 0, nil, err
		}
		if first == nil || by.Before(first.At) {
			first = &templates.Deadline{Label: short(t.Title, 20), At: by, Ends: true, Now: r.Now(), Article: rule.Source(), Unverified: !rule.Certain}
		}
	}
	return n, first, nil
}
