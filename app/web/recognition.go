package web

import (
	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/id"
	"gongji/app/party/organisation"
	"gongji/app/party/standing"
	"gongji/templates"
)

// recognitionItem is a rating or a commendation with its proof.
type recognitionItem struct {
	recognitionRow
	Files  []templates.File
	Attach bool
	Check  bool
	Revoke bool
}

// recognitionPage is organisation/recognitions.html: an organisation's own, or
// what waits for an office.
type recognitionPage struct {
	templates.Chrome
	Org    organisation.Organisation
	Items  []recognitionItem
	Form   standing.RecognitionInput
	Kinds  []templates.Option
	Levels []templates.Option
	Accept string
	MayAdd bool
	Office bool
	At     id.ID // whose reason is being typed
	Reason string
}

func (w *Web) recognitionItems(r *edge.Request, list []standing.Recognition) ([]recognitionItem, error) {
	var out []recognitionItem
	for _, row := range recognitionRows(r, list) {
		x := recognitionItem{recognitionRow: row, Attach: w.Standing.AllowedRecognition(r.Actor(), row.Recognition, "attach"),
			Check: w.Standing.AllowedRecognition(r.Actor(), row.Recognition, "check"), Revoke: w.Standing.AllowedRecognition(r.Actor(), row.Recognition, "revoke")}
		var err error
		if x.Files, err = w.files(r, standing.RecognitionKind, x.ID); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (w *Web) recognitionPage(r *edge.Request, org id.ID) (*recognitionPage, error) {
	p := &recognitionPage{Accept: attachment.Accept, MayAdd: w.Standing.MayRecognise(r.Actor(), org),
		Kinds: []templates.Option{{Value: "rating", Label: "评估等级"}, {Value: "commendation", Label: "表彰"}}}
	for _, l := range []string{"5A", "4A", "3A", "2A", "1A"} {
		p.Levels = append(p.Levels, templates.Option{Value: l, Label: l})
	}
	var err error
	if p.Org, err = w.Organisations.Get(r.Context(), r.Actor(), org); err != nil {
		return nil, err
	}
	if !p.MayAdd && r.Actor().Org != org {
		return nil, w.Standing.May(r.Context(), r.Actor(), org, "view") // hidden as what does not exist
	}
	p.Title = "评估等级和表彰"
	p.Breadcrumbs = []templates.Crumb{{Label: p.Org.Name, Href: "/organisations/" + string(org)}, {Label: p.Title}}
	list, err := w.Standing.Recognitions(r.Context(), r.Actor(), org)
	if err != nil {
		return nil, err
	}
	p.Items, err = w.recognitionItems(r, list)
	return p, err
}

func (w *Web) recognitionList(r *edge.Request) (edge.Response, error) {
	org, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	p, err := w.recognitionPage(r, org)
	return edge.HTML(200, "organisation/recognitions", p), err
}

func (w *Web) recognitionAdd(r *edge.Request) (edge.Response, error) {
	org, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	in := standing.RecognitionInput{Kind: standing.Honour(f.Get("kind")), Level: f.Get("level"), Title: f.Get("title"), Issuer: f.Get("issuer"), Number: f.Get("number"),
		IssuedOn: f.Get("issued_on"), ValidUntil: f.Get("valid_until")}
	if _, err := w.Standing.Recognise(r.Context(), r.Actor(), org, in); err != nil {
		p, perr := w.recognitionPage(r, org)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.Form = in
		return again("organisation/recognitions", p, err)
	}
	return edge.Redirect("/organisations/"+string(org)+"/recognitions").Flash("ok", "已申报，请上传证书或公布文件"), nil
}

// recognitionDesk is what waits for the actor's office.
func (w *Web) recognitionDesk(r *edge.Request) (edge.Response, error) {
	p, err := w.recognitionsToCheck(r)
	return edge.HTML(200, "organisation/recognitions", p), err
}

func (w *Web) recognitionsToCheck(r *edge.Request) (*recognitionPage, error) {
	p := &recognitionPage{Office: true, Accept: attachment.Accept}
	p.Title = "待核实的评估等级和表彰"
	list, err := w.Standing.ToCheck(r.Context(), r.Actor())
	if err != nil {
		return nil, err
	}
	p.Items, err = w.recognitionItems(r, list)
	return p, err
}

func (w *Web) recognitionCheck(r *edge.Request) (edge.Response, error) {
	return w.recognitionDo(r, "已处理，对方已收到通知", func(at id.ID, decision, reason string) error {
		_, err := w.Standing.Check(r.Context(), r.Actor(), at, decision == "publish", reason)
		return err
	})
}

func (w *Web) recognitionTake(r *edge.Request) (edge.Response, error) {
	return w.recognitionDo(r, "已撤销", func(at id.ID, _, reason string) error {
		_, err := w.Standing.Take(r.Context(), r.Actor(), at, reason)
		return err
	})
}

func (w *Web) recognitionDo(r *edge.Request, done string, do func(at id.ID, decision, reason string) error) (edge.Response, error) {
	at, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	if err := do(at, f.Get("decision"), f.Get("reason")); err != nil {
		p, perr := w.recognitionsToCheck(r)
		if perr != nil {
			return edge.Response{}, perr
		}
		p.At, p.Reason = at, f.Get("reason")
		return again("organisation/recognitions", p, err)
	}
	return edge.Redirect("/authority/recognitions").Flash("ok", done), nil
}

// replyPage is organisation/answer.html: what an organisation says in public
// about one entry of its record.
type replyPage struct {
	templates.Chrome
	Thread  standing.Thread
	Text    string
	Publish bool // this person may confirm
	Post    string
}

func (w *Web) replyPage(r *edge.Request) (*replyPage, error) {
	org, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	subject, err := r.ID("subject")
	if err != nil {
		return nil, err
	}
	p := &replyPage{Post: r.Path(), Publish: w.Standing.MayAnswer(r.Actor(), org, "publish")}
	if p.Thread, err = w.Standing.Thread(r.Context(), r.Actor(), r.Param("about"), subject); err != nil {
		return nil, err
	}
	if p.Thread.Draft != nil {
		p.Text = p.Thread.Draft.Text
	}
	p.Title = "公开回应"
	p.Breadcrumbs = []templates.Crumb{{Label: "公开档案", Href: "/organisations/" + string(org) + "#record"}, {Label: p.Title}}
	return p, nil
}

func (w *Web) replyForm(r *edge.Request) (edge.Response, error) {
	p, err := w.replyPage(r)
	return edge.HTML(200, "organisation/answer", p), err
}

func (w *Web) replySave(r *edge.Request) (edge.Response, error) {
	p, err := w.replyPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	subject, err := r.ID("subject")
	if err != nil {
		return edge.Response{}, err
	}
	if f.Get("step") == "publish" {
		if _, err := w.Standing.Publish(r.Context(), r.Actor(), r.Param("about"), subject); err != nil {
			return again("organisation/answer", p, err)
		}
		return edge.Redirect("/organisations/"+string(p.Thread.Organisation)+"#record").Flash("ok", "回应已公开"), nil
	}
	p.Text = f.Get("text")
	if _, err := w.Standing.Draft(r.Context(), r.Actor(), r.Param("about"), subject, p.Text); err != nil {
		return again("organisation/answer", p, err)
	}
	return edge.Redirect(r.Path()).Flash("ok", "草稿已保存，核对后发布"), nil
}
