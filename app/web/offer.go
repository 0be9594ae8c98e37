package web

import (
	"io"
	"strconv"

	"gongji/app/edge"
	"gongji/app/kernel/clock"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/money"
	"gongji/app/procurement/offer"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// offerRoutes are the round of last offers; quiet, because who offers is
// nobody's to know.
func (w *Web) offerRoutes() []edge.Route {
	return quiet([]edge.Route{
		get("/tenders/{id}/last-offer", "account", w.offerShow),
		post("/tenders/{id}/last-offer", "panel", w.offerAsk),
		get("/tenders/{id}/last-offer/form.json", "supplier", w.offerForm),
		{Method: "POST", Path: "/tenders/{id}/last-offer/sealed", Gate: "supplier", Handle: w.offerSealed, Limit: seal.MaxOffer + 1<<10},
		{Method: "POST", Path: "/tenders/{id}/last-offer/sealed-file", Gate: "supplier", Handle: w.offerSealedFile, Limit: seal.MaxOffer + 16<<10},
		post("/tenders/{id}/last-offer/quit", "supplier", w.offerQuit),
		post("/tenders/{id}/last-offer/share", "account", w.offerShare),
		post("/tenders/{id}/last-offer/open", "panel", w.offerOpen),
	})
}

// offerPage is offer/show.html.
type offerPage struct {
	purchasePage
	View    offer.View
	Due     *templates.Deadline
	Article string // of the round
	QuitAt  string // article of leaving
	Time    string // how long there must be
	Minutes string // as typed
	Why     string
	Form    offerForm
	Limit   string
	Share   *openingPart
	Next    templates.Action
	Receipt []templates.File
}

// offerForm is what the supplier's browser seals a last offer from, and what
// gongji seal takes.
type offerForm struct {
	Format string `json:"format"`
	seal.OfferForm
	Own []string `json:"own"`
}

func (w *Web) offerPage(r *edge.Request) (*offerPage, error) {
	x, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	v, err := w.Offers.View(r.Context(), r.Actor(), x)
	if err != nil {
		return nil, err
	}
	p := &offerPage{purchasePage: w.purchase(r, v.Tender, "最后报价"), View: v}
	set, err := v.Tender.RuleSet(r.Now())
	if err != nil {
		return nil, err
	}
	p.Article, p.QuitAt = set.Of(v.Tender.Method, "last_offer").Source(), set.Of(v.Tender.Method, "quit").Source()
	if rule := set.Of(v.Tender.Method, "last_offer_time"); rule.ID != "" {
		p.Time, p.Minutes = rule.Limit(), strconv.FormatInt(rule.Value, 10)
	}
	if v.Round != nil && v.State == offer.Asked {
		p.Due = &templates.Deadline{Label: "提交最后报价截止", At: v.Round.DueAt, Now: r.Now(), Article: p.Article}
	}
	if v.Mine != nil {
		if p.Form, err = w.offerFormOf(r, v); err != nil {
			return nil, err
		}
		if v.Mine.Receipt != nil {
			if p.Receipt, err = w.receiptOf(r, *v.Mine.Receipt); err != nil {
				return nil, err
			}
		}
	}
	if v.Can("give") {
		h, err := w.TenderKeys.Mine(r.Context(), r.Actor(), x)
		if err != nil {
			return nil, err
		}
		p.Share = &openingPart{Index: h.Mine.Place}
		p.Share.Part.Key, p.Share.Part.Personal, p.Share.Part.File = h.Set.Public(), h.PersonalFile, h.ShareFile
	}
	p.Next = p.next(r)
	return p, nil
}

func (w *Web) offerFormOf(r *edge.Request, v offer.View) (offerForm, error) {
	f := offerForm{Format: seal.OfferFormFormat, OfferForm: v.Form(), Own: []string{}}
	people, err := w.Keys.Colleagues(r.Context(), r.Actor())
	for _, p := range people {
		f.Own = append(f.Own, p.Recipient)
	}
	return f, err
}

func (p *offerPage) next(r *edge.Request) templates.Action {
	v, at := p.View, tenderPath(p.Tender.ID)+"/last-offer"
	a := templates.Action{Title: "最后报价", CSRF: r.CSRF()}
	switch {
	case v.Can("ask"):
		a.Title, a.Label, a.Href = "要求最后报价", "填写时间", "#ask"
	case v.Before != "":
		a.Title, a.Waiting = "还不能要求最后报价", v.Before+"。"
	case v.Round == nil:
		a.Title, a.Waiting = "还没有要求最后报价", "评审小组全部成员提交评分后，由评审小组或者采购人要求。"
	case v.Can("offer") && v.Mine.Version == 0:
		a.Title, a.Label, a.Href = "请提交最后报价", "填写报价", "#offer"
	case v.State == offer.Asked && v.Mine != nil && v.Mine.QuitAt != nil:
		a.Title, a.Waiting = "已退出", "贵单位不再参加，保证金由采购人退还。"
	case v.State == offer.Asked && v.Mine != nil:
		a.Title, a.Waiting = "最后报价已提交", "截止后由持钥人开启。截止以前任何人都看不到报价，也看不到谁已提交。"
	case v.State == offer.Asked:
		a.Title, a.Waiting = "等待供应商报价", "截止以前任何人都看不到报价，也看不到谁已提交。"
	case v.Can("give"):
		a.Title, a.Text, a.Label, a.Href = "请您参加开启", "您是持钥人，开启最后报价需要您输入口令。", "输入口令", "#share"
	case v.Can("open"):
		a.Title, a.Label, a.Post, a.Confirm = "开启最后报价", "开启最后报价", at+"/open", "开启不能撤销，确定现在开启吗？"
		a.Text = "持钥人到场 " + strconv.Itoa(v.Given) + " 人，需 " + strconv.Itoa(v.Need) + " 人。最后报价不足法定家数的，不用密钥，开启即依法终止。"
	case v.State == offer.Due:
		a.Title, a.Waiting = "等待开启", "截止时间已过，等待持钥人到场、评审小组开启。"
	case v.State == offer.Failed:
		a.Title, a.Waiting, a.Tone = "采购失败", p.Tender.Reason, templates.Danger
	default:
		a.Title, a.Waiting = "最后报价已开启", "评审小组以最后报价计算价格分并排序。"
	}
	return a
}

func (w *Web) offerShow(r *edge.Request) (edge.Response, error) {
	p, err := w.offerPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "offer/show", p), nil
}

func (w *Web) offerAsk(r *edge.Request) (edge.Response, error) {
	x, f, err := posted(r)
	if err != nil {
		return edge.Response{}, err
	}
	n, _ := strconv.Atoi(f.Get("minutes")) // no number is no time, and refused as such
	if _, err := w.Offers.Ask(r.Context(), r.Actor(), x, n); err != nil {
		return readAgain(r, "offer/show", w.offerPage, func(p *offerPage) { p.Minutes = f.Get("minutes") }, err)
	}
	return edge.Redirect(r.Path()).Flash("ok", "已要求供应商提交最后报价"), nil
}

func (w *Web) offerForm(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	v, err := w.Offers.View(r.Context(), r.Actor(), x)
	if err != nil {
		return edge.Response{}, err
	}
	if v.Mine == nil {
		return edge.Response{}, fault.New(fault.NotFound, "没有找到这条记录，或您无权查看")
	}
	f, err := w.offerFormOf(r, v)
	return edge.JSON(200, f), err
}

// offerTaken takes sealed bytes, raw or from a form's file.
func (w *Web) offerTaken(r *edge.Request) (offer.Offer, error) {
	x, err := r.ID("id")
	if err != nil {
		return offer.Offer{}, err
	}
	var sealed []byte
	err = r.Upload(func(p edge.Part) error {
		if p.FileName == "" && p.Field != "" {
			return nil
		}
		var err error
		sealed, err = io.ReadAll(io.LimitReader(p.Reader, seal.MaxOffer+1))
		return err
	})
	if err != nil {
		return offer.Offer{}, err
	}
	return w.Offers.Submit(r.Context(), r.Actor(), x, sealed)
}

func (w *Web) offerSealed(r *edge.Request) (edge.Response, error) {
	o, err := w.offerTaken(r)
	return edge.JSON(201, o), err
}

func (w *Web) offerSealedFile(r *edge.Request) (edge.Response, error) {
	if _, err := w.offerTaken(r); err != nil {
		return readAgain(r, "offer/show", w.offerPage, nil, err)
	}
	return edge.Redirect("/tenders/"+r.Param("id")+"/last-offer").Flash("ok", "最后报价已收到"), nil
}

func (w *Web) offerQuit(r *edge.Request) (edge.Response, error) {
	x, f, err := posted(r)
	if err != nil {
		return edge.Response{}, err
	}
	if err := w.Offers.Quit(r.Context(), r.Actor(), x, f.Get("why")); err != nil {
		return readAgain(r, "offer/show", w.offerPage, func(p *offerPage) { p.Why = f.Get("why") }, err)
	}
	return edge.Redirect(tenderPath(x)+"/last-offer").Flash("ok", "已退出，不再参加本项目"), nil
}

// offerShare takes a holder's share, which their browser opened.
func (w *Web) offerShare(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	var in struct {
		Share string `json:"share"`
	}
	if err := r.JSON(&in); err != nil {
		return edge.Response{}, err
	}
	return edge.NoContent(), w.Offers.Give(r.Context(), r.Actor(), x, in.Share)
}

func (w *Web) offerOpen(r *edge.Request) (edge.Response, error) {
	x, _, err := posted(r)
	if err != nil {
		return edge.Response{}, err
	}
	o, err := w.Offers.Open(r.Context(), r.Actor(), x)
	if err != nil {
		return readAgain(r, "offer/show", w.offerPage, nil, err)
	}
	if o.State == offer.Failed {
		return edge.Redirect(tenderPath(x)+"/last-offer").Flash("warn", "最后报价不足法定家数，采购依法终止"), nil
	}
	return edge.Redirect(tenderPath(x)+"/last-offer").Flash("ok", "最后报价已开启"), nil
}

// Yuan prints a last price; "—" where none counts.
func (p *offerPage) Yuan(f *money.Fen) string {
	if f == nil {
		return "—"
	}
	return f.Yuan()
}

// offerNext is what somebody has to do about last offers, or who must act; nil
// where the round is none of this person's concern now.
func (w *Web) offerNext(r *edge.Request, t tender.Tender) (*templates.Action, error) {
	if !offer.Asks(t) || !r.Actor().SignedIn() {
		return nil, nil
	}
	v, err := w.Offers.View(r.Context(), r.Actor(), t.ID)
	if fault.Is(err, fault.Forbidden) {
		return nil, nil
	}
	at := tenderPath(t.ID) + "/last-offer"
	switch {
	case err != nil:
		return nil, err
	case v.Can("ask"):
		return &templates.Action{Title: "要求最后报价", Text: "评审成员都已提交评分。实质性响应的供应商各提交一次最后报价，此后的比较以它为准。", Href: at, Label: "去要求"}, nil
	case v.Can("offer") && v.Mine.Version == 0:
		return &templates.Action{Title: "请提交最后报价", Text: "不提交视为退出。", Href: at, Label: "去报价"}, nil
	case v.Can("give"):
		return &templates.Action{Title: "请参加开启最后报价", Text: "您是持钥人，需要您输入口令。", Href: at, Label: "去开启"}, nil
	case v.Can("open"):
		return &templates.Action{Title: "开启最后报价", Text: "持钥人到场 " + strconv.Itoa(v.Given) + " 人，需 " + strconv.Itoa(v.Need) + " 人。", Href: at, Label: "去开启"}, nil
	case v.Mine == nil && v.State == offer.Asked:
		return &templates.Action{Title: "等待供应商提交最后报价", Text: "截止时间 " + v.Round.DueAt.In(clock.Beijing).Format("1月2日 15:04:05") + "。截止前谁也看不到报价，也看不到谁已提交。", Href: at, Label: "查看进展"}, nil
	case v.Mine == nil && v.State == offer.Due:
		return &templates.Action{Title: "等待开启最后报价", Text: "截止时间已过，等待持钥人到场，由评审小组或者采购人开启。", Href: at, Label: "查看进展"}, nil
	case v.Round != nil && v.Mine != nil:
		return &templates.Action{Title: "最后报价", Href: at, Label: "查看最后报价"}, nil
	}
	return nil, nil
}
