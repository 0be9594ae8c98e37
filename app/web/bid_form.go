package web

import (
	"fmt"
	"slices"
	"strings"

	"gongji/app/attachment"
	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// bidFormPage is bid/offer.html and bid/answers.html.
type bidFormPage struct {
	purchasePage
	Bid       bid.Bid
	Price     string // as typed
	PriceHint string
	Delivery  string
	Questions []questionField
}

type questionField struct {
	bid.Question
	Field string // name of the form field
	Full  string // full marks in points
	Text  string
}

func (w *Web) bidForm(r *edge.Request, t tender.Tender, b bid.Bid, title string) *bidFormPage {
	p := &bidFormPage{purchasePage: w.bidChrome(r, t, b, title), Bid: b, Price: b.Draft.Typed, Delivery: b.Draft.Delivery}
	if b.Draft.Price != nil {
		p.Price = b.Draft.Price.Plain()
	}
	switch {
	case t.Ceiling.Amount != nil:
		p.PriceHint = "最高限价 " + t.Ceiling.Amount.Yuan() + " " + unitOf(t) + "，超过的报价无效。"
	case t.Budget != nil:
		p.PriceHint = "采购预算 " + t.Budget.Yuan() + " 元，超过的报价无效。"
	}
	for _, q := range bid.Questions(t) {
		p.Questions = append(p.Questions, questionField{q, "answers." + q.Key, tender.Points(q.Weight), b.Draft.Answers[q.Key]})
	}
	return p
}

func (w *Web) bidOffer(r *edge.Request) (edge.Response, error) {
	b, t, err := w.bidOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bid/offer", w.bidForm(r, t, b, "报价与交付承诺")), nil
}

func (w *Web) bidAnswers(r *edge.Request) (edge.Response, error) {
	b, t, err := w.bidOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bid/answers", w.bidForm(r, t, b, "逐项应答")), nil
}

// patchOf takes from a form only what it carries, so that one page of the task
// list never blanks another.
func patchOf(f *edge.Form) bid.Patch {
	var p bid.Patch
	if f.Has("price") {
		v := f.Get("price")
		p.Typed = &v
	}
	if f.Has("delivery") {
		v := f.Get("delivery")
		p.Delivery = &v
	}
	for _, name := range f.Names() {
		if key, ok := strings.CutPrefix(name, "answers."); ok {
			if p.Answers == nil {
				p.Answers = map[string]string{}
			}
			p.Answers[key] = f.Get(name)
		}
	}
	return p
}

func (w *Web) bidSaved(r *edge.Request) (bid.Bid, bid.Patch, error) {
	x, err := r.ID("id")
	if err != nil {
		return bid.Bid{}, bid.Patch{}, err
	}
	f, err := r.Form()
	if err != nil {
		return bid.Bid{}, bid.Patch{}, err
	}
	p := patchOf(f)
	b, err := w.Bids.Save(r.Context(), r.Actor(), x, p)
	return b, p, err
}

func (w *Web) bidAutosave(r *edge.Request) (edge.Response, error) {
	_, _, err := w.bidSaved(r)
	return edge.NoContent(), err
}

func (w *Web) bidSaveOffer(r *edge.Request) (edge.Response, error) {
	return w.bidStep(r, "bid/offer", "报价与交付承诺", "/answers")
}

func (w *Web) bidSaveAnswers(r *edge.Request) (edge.Response, error) {
	return w.bidStep(r, "bid/answers", "逐项应答", "/files")
}

// bidStep saves one page of the task list and goes on to the next, or back to
// the list when asked. What could not be saved stays on the page as typed, and
// what was saved but cannot be sent is named at once.
func (w *Web) bidStep(r *edge.Request, page, title, next string) (edge.Response, error) {
	b, patch, err := w.bidSaved(r)
	if err != nil {
		old, t, rerr := w.bidOf(r)
		if rerr != nil {
			return edge.Response{}, rerr
		}
		p := w.bidForm(r, t, old, title)
		p.typed(patch)
		return again(page, p, err)
	}
	t, err := w.Tenders.Get(r.Context(), r.Actor(), b.Tender)
	if err != nil {
		return edge.Response{}, err
	}
	progress, err := w.Bids.Progress(r.Context(), t, b)
	if err != nil {
		return edge.Response{}, err
	}
	p := w.bidForm(r, t, b, title)
	p.typed(patch)
	if f := p.faultsHere(progress, page); f != nil {
		return again(page, p, f)
	}
	return edge.Redirect("/bids/" + string(b.ID) + next), nil
}

func (p *bidFormPage) typed(patch bid.Patch) {
	if patch.Typed != nil {
		p.Price = *patch.Typed
	}
	if patch.Delivery != nil {
		p.Delivery = *patch.Delivery
	}
	for i, q := range p.Questions {
		if v, ok := patch.Answers[q.Key]; ok {
			p.Questions[i].Text = v
		}
	}
}

// faultsHere is what is wrong on this page of the list alone. A field left
// empty is not wrong yet: the task list and the check page count it.
func (p *bidFormPage) faultsHere(progress bid.Progress, page string) *fault.Fault {
	if progress.Faults == nil || page != "bid/offer" || p.Price == "" {
		return nil
	}
	return about(progress.Faults.Fields, func(field string) bool { return field == "price" })
}

// bidFilesPage is bid/files.html.
type bidFilesPage struct {
	purchasePage
	Bid    bid.Bid
	Files  []templates.File
	Accept string
	Upload string
}

func (w *Web) bidFilesPage(r *edge.Request) (*bidFilesPage, error) {
	b, t, err := w.bidOf(r)
	if err != nil {
		return nil, err
	}
	files, err := w.Bids.Files(r.Context(), r.Actor(), b.ID)
	if err != nil {
		return nil, err
	}
	p := &bidFilesPage{purchasePage: w.bidChrome(r, t, b, "附件"), Bid: b, Accept: attachment.Accept, Upload: "/attachments/bid/" + string(b.ID)}
	for _, f := range files {
		p.Files = append(p.Files, templates.File{ID: string(f.ID), Name: f.Name, Size: f.Size, SHA256: f.SHA256, Href: "/attachments/" + string(f.ID)})
	}
	return p, nil
}

func (w *Web) bidFiles(r *edge.Request) (edge.Response, error) {
	p, err := w.bidFilesPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bid/files", p), nil
}

// bidKeepFiles removes the attachments that the page showed and that were
// unticked. Uploads went to their own address; one that was still arriving
// when the page was sent is not among those shown, and stays.
func (w *Web) bidKeepFiles(r *edge.Request) (edge.Response, error) {
	p, err := w.bidFilesPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	keep, shown := f.All("file_id"), f.All("file_shown")
	for _, x := range p.Files {
		if slices.Contains(keep, x.ID) || !slices.Contains(shown, x.ID) {
			continue
		}
		if _, err := w.Attachments.Remove(r.Context(), r.Actor(), id.ID(x.ID)); err != nil {
			return again("bid/files", p, err)
		}
	}
	return edge.Redirect("/bids/" + string(p.Bid.ID)), nil
}

// bidCheckPage is bid/check.html: everything once more before it binds.
type bidCheckPage struct {
	purchasePage
	Bid     bid.Bid
	Answers []templates.Answer
	Files   []templates.File
	Again   bool // a version was sent before
	Same    bool // nothing has changed since
	Before  *templates.Deadline
}

func (w *Web) bidCheckPage(r *edge.Request) (*bidCheckPage, error) {
	f, err := w.bidFilesPage(r)
	if err != nil {
		return nil, err
	}
	b, t := f.Bid, f.Tender
	p := &bidCheckPage{purchasePage: w.bidChrome(r, t, b, "核对并提交"), Bid: b, Files: f.Files, Again: b.State == bid.Submitted}
	if t.Deadline != nil {
		p.Before = &templates.Deadline{Label: "投标截止", At: *t.Deadline, Now: r.Now()}
	}
	progress, err := w.Bids.Progress(r.Context(), t, b)
	if err != nil {
		return nil, err
	}
	p.Fault, p.Same = progress.Faults, !progress.Changed
	at, form := "/bids/"+string(b.ID), w.bidForm(r, t, b, "")
	price := form.Price
	if b.Draft.Price != nil {
		price = b.Draft.Price.Yuan() + " " + p.Unit
		if p.Unit == "元" {
			price += "（" + b.Draft.Price.Upper() + "）"
		}
	}
	p.Answers = []templates.Answer{{Label: "报价", Value: price, Change: at + "/offer#f-price"}, {Label: "交付承诺", Value: b.Draft.Delivery, Change: at + "/offer#f-delivery"}}
	for _, q := range form.Questions {
		p.Answers = append(p.Answers, templates.Answer{Label: fmt.Sprintf("%s（%s 分）", q.Name, q.Full), Value: q.Text, Change: at + "/answers#f-" + q.Field})
	}
	return p, nil
}

func (w *Web) bidCheck(r *edge.Request) (edge.Response, error) {
	p, err := w.bidCheckPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bid/check", p), nil
}

func (w *Web) bidSubmit(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err == nil {
		_, err = r.Form()
	}
	if err != nil {
		return edge.Response{}, err
	}
	v, err := w.Bids.Submit(r.Context(), r.Actor(), x)
	if err != nil {
		p, perr := w.bidCheckPage(r)
		if perr != nil {
			return edge.Response{}, err
		}
		return again("bid/check", p, err)
	}
	return edge.Redirect("/bids/"+string(x)).Flash("ok", fmt.Sprintf("第 %d 版投标文件已提交，回执正在生成，请下载保存", v.Number)), nil
}

// bidWithdrawView is bid/withdraw.html.
type bidWithdrawView struct {
	purchasePage
	Bid    bid.Bid
	Reason string
}

func (w *Web) bidWithdrawPage(r *edge.Request) (edge.Response, error) {
	b, t, err := w.bidOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "bid/withdraw", &bidWithdrawView{purchasePage: w.bidChrome(r, t, b, "撤回投标"), Bid: b}), nil
}

func (w *Web) bidWithdraw(r *edge.Request) (edge.Response, error) {
	b, t, err := w.bidOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	p := &bidWithdrawView{purchasePage: w.bidChrome(r, t, b, "撤回投标"), Bid: b, Reason: f.Get("reason")}
	if err := w.Bids.Withdraw(r.Context(), r.Actor(), b.ID, p.Reason); err != nil {
		return again("bid/withdraw", p, err)
	}
	return edge.Redirect("/bids/"+string(b.ID)).Flash("ok", "投标已撤回；截止前仍可重新提交"), nil
}
