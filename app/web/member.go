package web

import (
	"errors"
	"slices"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party"
	"gongji/app/party/organisation"
)

type invitedRow struct {
	organisation.Invitation
	RoleName string
}

// invitedForm is the form that invites somebody, as typed.
type invitedForm struct{ Login, Role string }

func (w *Web) invited(r *edge.Request, o organisation.Organisation) ([]invitedRow, error) {
	list, err := w.Organisations.Invited(r.Context(), r.Actor(), o.ID)
	var out []invitedRow
	for _, i := range list {
		out = append(out, invitedRow{i, roleName(o.Kind, i.Role)})
	}
	return out, err
}

func (w *Web) memberInvite(r *edge.Request) (edge.Response, error) {
	p, err := w.membersPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p.Ask = invitedForm{f.Get("invite_login"), f.Get("invite_role")}
	if err := w.Organisations.Invite(r.Context(), r.Actor(), p.Org.ID, p.Ask.Login, party.Role(p.Ask.Role)); err != nil {
		return again("organisation/members", p, inForm("invite_", err))
	}
	return edge.Redirect("/organisations/"+string(p.Org.ID)+"/members").Flash("ok", "邀请已记录。如果有人使用这个登录名，他会在消息和“账号与安全”里看到，14 天内答复有效"), nil
}

// inForm names the fields of a fault as the one of a page's forms does that has
// fields like another's.
func inForm(prefix string, err error) error {
	x, ok := errors.AsType[*fault.Fault](err)
	if !ok {
		return err
	}
	f := *x
	f.Fields = slices.Clone(x.Fields)
	for i := range f.Fields {
		f.Fields[i].Name = prefix + f.Fields[i].Name
	}
	return &f
}

// memberDid answers a form about an organisation's members.
func (w *Web) memberDid(r *edge.Request, part, said string, do func(org, at id.ID, f *edge.Form) error) (edge.Response, error) {
	org, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	at, err := r.ID(part)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err == nil {
		err = do(org, at, f)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/organisations/"+string(org)+"/members").Flash("ok", said), nil
}

func (w *Web) memberUninvite(r *edge.Request) (edge.Response, error) {
	return w.memberDid(r, "invitation", "邀请已撤回", func(org, at id.ID, _ *edge.Form) error {
		return w.Organisations.Withdraw(r.Context(), r.Actor(), org, at)
	})
}

func (w *Web) memberRole(r *edge.Request) (edge.Response, error) {
	return w.memberDid(r, "member", "角色已改变，并已告诉本人", func(org, at id.ID, f *edge.Form) error {
		return w.Organisations.ChangeRole(r.Context(), r.Actor(), org, at, party.Role(f.Get("role")))
	})
}

// askedRow is an invitation as the invited person's page shows it.
type askedRow struct {
	organisation.Asked
	RoleName string
}

func (w *Web) asked(r *edge.Request) ([]askedRow, error) {
	list, err := w.Organisations.Invitations(r.Context(), r.Actor())
	var out []askedRow
	for _, i := range list {
		out = append(out, askedRow{i, roleName(i.OrgKind, i.Role)})
	}
	return out, err
}

func (w *Web) memberAnswer(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	accept := f.Get("answer") == "accept"
	if err := w.Organisations.Answer(r.Context(), r.Actor(), at, accept); err != nil {
		return edge.Response{}, err
	}
	said := "已谢绝邀请"
	if accept {
		said = "已接受邀请。要代表它办事，请在页面上方切换身份"
	}
	return edge.Redirect("/account").Flash("ok", said), nil
}

func (w *Web) memberLeave(r *edge.Request) (edge.Response, error) {
	at, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err == nil {
		err = w.Organisations.Leave(r.Context(), r.Actor(), at)
	}
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Redirect("/account").Flash("ok", "您已退出该组织"), nil
}
