package web

import (
	"slices"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/rules"
	"gongji/app/procurement/catalogue"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// editTenderPage is tender/edit.html: one page of the task list.
type editTenderPage struct {
	templates.Chrome
	T         tender.Tender
	Page      string
	V         map[string]string // answers as typed
	Rows      []criterionRow
	Packages  []packageRow
	Intents   []templates.Option // 采购意向 of this bureau that may be named
	Sum       string             // of the weights, in points
	Negative  []negativeRow
	Catalogue []templates.Option
	Seek      string // what was looked for in the catalogue
	Methods   []templates.Option
	Rule      map[string]rules.Rule // by what they limit
	Scorings  []templates.Option
	Parties   partiesForm
	Suggested []tender.Suggestion // of the dates, as typed
	Back      string
}

type negativeRow struct{ Name, Label, Value string }

func (w *Web) bureauEdit(r *edge.Request) (edge.Response, error) {
	t, err := w.own(r, "edit")
	if err != nil {
		return edge.Response{}, err
	}
	page := r.Param("page")
	if !slices.Contains(tender.Pages, page) {
		return edge.Response{}, fault.New(fault.NotFound, "没有这一页，请回到任务清单")
	}
	p := w.editTenderPage(r, t, page, r.Query("catalogue_q"))
	if page == tender.PageSchedule {
		over := map[string]string{}
		for _, name := range tender.FieldsOf(page) {
			if v := r.Query(name); v != "" {
				over[name], p.V[name] = v, v
			}
		}
		if p.Suggested, err = w.Tenders.Suggest(r.Context(), r.Actor(), t, over); err != nil {
			return edge.Response{}, err
		}
	}
	return edge.HTML(200, "tender/edit", p), nil
}

func (w *Web) editTenderPage(r *edge.Request, t tender.Tender, page, seek string) *editTenderPage {
	set := rules.At(r.Now())
	p := &editTenderPage{T: t, Page: page, V: formValues(t), Rows: criterionRows(t.Form.Criteria), Packages: packageRows(t.Form.Packages), Seek: seek, Back: bureauPath(t)}
	p.Title = pageNames[page]
	p.Breadcrumbs = []templates.Crumb{{Label: "本单位的采购", Href: "/bureau/tenders"}, {Label: titleOf(t), Href: bureauPath(t)}, {Label: p.Title}}
	for i, what := range tender.NegativeList {
		name := "negative_" + string(rune('1'+i))
		p.Negative = append(p.Negative, negativeRow{name, what, t.Form.Get(name)})
	}
	var sum int64
	for _, c := range t.Criteria {
		sum += c.Weight
	}
	p.Sum = tender.Points(sum)
	p.Catalogue = catalogueOptions(catalogue.At(r.Now()), seek, t.CatalogueCode)
	for _, m := range rules.Methods() {
		if _, err := rules.Offered(m.ID, r.Now()); err == nil {
			p.Methods = append(p.Methods, templates.Option{Value: m.ID, Label: m.Name, Hint: m.Hint + "（" + m.Source() + "）"})
		}
	}
	p.Scorings = scoringOptions(t.Method)
	p.Parties = w.partiesForm(r, t, set)
	if page == tender.PageSchedule {
		p.Suggested, _ = w.Tenders.Suggest(r.Context(), r.Actor(), t, nil) // a hint; the check itself is at saving
	}
	p.Rule = editRules(set, t.Method)
	if page == tender.PagePrepare {
		p.Intents, _ = w.intentOptions(r) // a page without its choices still saves
	}
	return p
}

// editRules are the rules that the pages of a draft show beside their fields.
func editRules(set rules.Set, method string) map[string]rules.Rule {
	return map[string]rules.Rule{"catalogue": set.Must(rules.PurchaseCatalogue), "negative": set.Must(rules.PurchaseNegativeList),
		"term": set.Must(rules.ContractTerm), "price": set.Of(method, "price_weight"), "price_max": set.Of(method, "price_weight_max"),
		"quantified": set.Must(rules.ScoringQuantified), "offer": set.Of(method, "documents_on_offer"), "deadline": set.Of(method, "documents_to_deadline"),
		"substantive": set.Must(rules.ScoringSubstantive), "small": set.Must(rules.SmallDeductionMin), "consortium": set.Must(rules.SmallConsortiumMin),
		"abnormal_cap": set.Must(rules.AbnormalRateCap), "abnormal_mean": set.Must(rules.AbnormalMeanRate), "abnormal_second": set.Must(rules.AbnormalSecondRate), "abnormal_ceiling": set.Must(rules.AbnormalCeilingRate),
		"survey": set.Must(rules.SurveyRespondents), "public": set.Must(rules.SurveyPublic), "intention": set.Must(rules.IntentionBeforePurchase)}
}

// catalogueOptions are the rows that fit what is looked for, the chosen one
// always among them.
func catalogueOptions(book *catalogue.Catalogue, seek, chosen string) []templates.Option {
	list := book.Search(seek, 60)
	if e, ok := book.Find(chosen); ok && !slices.Contains(list, e) {
		list = slices.Insert(list, 0, e)
	}
	var out []templates.Option
	for _, e := range list {
		out = append(out, templates.Option{Value: e.Code, Label: e.Code + " " + e.Name})
	}
	return out
}

// bureauSave keeps one page of a draft, valid or not. "保存并继续" goes on once
// the page has no complaint; adding a row, removing one and looking into the
// catalogue come back to the page.
func (w *Web) bureauSave(r *edge.Request) (edge.Response, error) {
	x, err := r.ID("id")
	if err != nil {
		return edge.Response{}, err
	}
	f, err := r.Form()
	if err != nil {
		return edge.Response{}, err
	}
	page := r.Param("page")
	t, err := w.Tenders.SaveDraft(r.Context(), r.Actor(), x, 0, tenderPatch(page, f))
	if err != nil {
		return w.unsaved(r, page, f, err)
	}
	at := bureauPath(t) + "/edit/" + page
	switch {
	case r.Header("X-Autosave") != "":
		return edge.NoContent(), nil
	case f.Has("add"), f.Has("remove"):
		return edge.Redirect(at + "#f-" + page), nil
	case f.Has("find"):
		return edge.Redirect(at + "?catalogue_q=" + escapeQuery(f.Get("catalogue_q")) + "#f-catalogue_code"), nil
	case f.Has("later"):
		return edge.Redirect(bureauPath(t)).Flash("ok", "草稿已保存"), nil
	}
	missing, err := w.Tenders.Missing(r.Context(), t)
	if err != nil {
		return edge.Response{}, err
	}
	if f := about(missing, func(field string) bool { return tender.PageOf(field) == page }); f != nil {
		f.Message = "已保存，但这一页还有内容需要修改"
		return again("tender/edit", w.editTenderPage(r, t, page, ""), f)
	}
	return edge.Redirect(afterPage(t, page)), nil
}

// unsaved shows again what could not be stored at all, such as a text beyond
// every limit; nothing typed is lost.
func (w *Web) unsaved(r *edge.Request, page string, f *edge.Form, err error) (edge.Response, error) {
	if !fault.Is(err, fault.Invalid) || r.Header("X-Autosave") != "" {
		return edge.Response{}, err
	}
	t, gerr := w.own(r, "edit")
	if gerr != nil {
		return edge.Response{}, gerr
	}
	p := w.editTenderPage(r, t, page, "")
	for name, v := range tenderPatch(page, f).Values {
		p.V[name] = v
	}
	return again("tender/edit", p, err)
}

func afterPage(t tender.Tender, page string) string {
	pages := t.Pages()
	if i := slices.Index(pages, page); i >= 0 && i+1 < len(pages) {
		return bureauPath(t) + "/edit/" + pages[i+1]
	}
	return bureauPath(t)
}
