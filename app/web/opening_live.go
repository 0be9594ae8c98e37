package web

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/procurement/opening"
	"gongji/app/procurement/seal"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// openingPage is opening/show.html: the opening as everybody watches it, with
// what the actor may do at it.
type openingPage struct {
	purchasePage
	View        opening.View
	Rows        []openingRow // all, or those that changed
	Since       bool         // after the event that the page has seen
	Count       int          // how many were read out
	Last, Mine  *openingRow  // the bid that was read out last; the actor's own
	Steps       []openingStep
	Next        templates.Action
	Start       *templates.Action // beside Next, for an officer whose own share is awaited
	Deadline    *templates.Deadline
	Share       *openingPart // for a holder who has not come yet
	Record      []templates.File
	Least       string // the rule on how many there must be
	Says        string // what happened last, for those who listen
	Stopped     string // why reading stopped, and
	Mend        string // what to do about it
	Answered    string
	Objections  bool
	ShowHolders bool
	MayAnswer   bool
	MayClose    bool
	Objecting   bool   // the objection was refused and is shown again, with
	Text        string // what was typed, or
	Remark      string
	Compare     bool // the actor may read the bids themselves
	Over        bool // nothing more will happen here
}

type openingRow struct {
	opening.Line
	Upper  string // the price in capitals, of a total
	Mine   bool
	Answer *opening.Answer
}

type openingStep struct {
	Name       string
	Done, Here bool
}

// openingPart is what a holder's script needs to open their share.
type openingPart struct {
	Index int
	Part  struct {
		Key      seal.Key `json:"key"`      // public: a share is held to its commitment before it is sent
		Personal string   `json:"personal"` // the personal key, which the passphrase opens
		File     string   `json:"file"`     // the share, which the personal key opens
	}
}

func (w *Web) openingShow(r *edge.Request) (edge.Response, error) {
	p, err := w.openingPage(r)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.HTML(200, "opening/show", p).Shared(), nil
}

func (w *Web) openingPage(r *edge.Request) (*openingPage, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return nil, err
	}
	p := &openingPage{purchasePage: w.purchase(r, t, "开标")}
	set, err := t.RuleSet(r.Now())
	if err != nil {
		return nil, err
	}
	p.Least = "投标人" + opening.LeastBidders(set, t.Method).Label()
	if p.View, err = w.Openings.View(r.Context(), r.Actor(), t.ID); err != nil {
		return nil, err
	}
	p.fill()
	if now := p.View.State; now == opening.Stopped {
		p.State.Label = "开标中断"
	} else if now == opening.Reading || now == opening.Confirming {
		p.State.Label = "开标进行中"
	}
	if err := w.openingSince(r, p); err != nil {
		return nil, err
	}
	if p.View.Opening != nil {
		if p.Record, err = w.paper(r, p.View.Opening.Record); err != nil {
			return nil, err
		}
	}
	// Until the record is rendered something is still to come.
	p.Over = p.View.State == opening.Closed && (len(p.Record) == 0 || p.Record[0].Size > 0)
	if p.View.State == opening.Before {
		p.Deadline = &templates.Deadline{Label: "投标截止，随即开标", At: p.View.Deadline, Now: r.Now()}
	}
	p.Compare = p.View.State == opening.Closed && p.Count > 0 && w.Evaluations.May(r.Context(), r.Actor(), t.ID, "follow_panel") == nil
	p.Next = w.openingNext(r, p)
	return p, w.openingShareOf(r, p)
}

// openingSince leaves the lines that changed after the event that a watcher's
// page has seen: of four hundred lines read one by one, a second brings a few.
func (w *Web) openingSince(r *edge.Request, p *openingPage) error {
	seen, _ := strconv.ParseInt(r.Query("seen"), 10, 64) // anything else is a page that has seen nothing
	if seen < 1 || seen > p.View.Seq {
		return nil
	}
	changed, whole, err := w.Openings.Changed(r.Context(), p.Tender.ID, seen)
	if err != nil || whole {
		return err
	}
	p.Since = true
	p.Rows = slices.DeleteFunc(p.Rows, func(x openingRow) bool { return !changed[x.Bid] })
	return nil
}

// may reports whether the view leaves an action open to the actor.
func (p *openingPage) may(action string) bool { return slices.Contains(p.View.May, action) }

// fill brings the view into the words of the page.
func (p *openingPage) fill() {
	v := p.View
	confirmed, objected := 0, 0
	for _, l := range v.Lines {
		row := openingRow{Line: l, Mine: v.Mine != nil && v.Mine.Bid == l.Bid}
		if l.Failed == "" && p.Unit == "元" {
			row.Upper = l.Price.Upper()
		}
		if a, ok := v.Answers[l.Bid]; ok {
			row.Answer = &a
			if a.Kind == opening.Objected {
				objected++
			} else {
				confirmed++
			}
		}
		p.Rows = append(p.Rows, row)
		if row.Mine {
			p.Mine = &row
		}
		p.Last = &row
	}
	p.ShowHolders = len(v.Holders) > 0 && (v.State == opening.Before || v.State == opening.Gathering || v.Waiting || v.State == opening.Stopped)
	p.MayAnswer, p.MayClose, p.Objections = p.may("answer"), p.may("close"), objected > 0
	p.Count = len(p.Rows)
	p.Answered = fmt.Sprintf("%d 家投标人中，%d 家确认无异议，%d 家提出异议，%d 家没有答复（视为无异议）。", p.Count, confirmed, objected, p.Count-confirmed-objected)
	if v.Opening != nil && v.State == opening.Stopped {
		p.Stopped, p.Mend = v.Opening.StoppedWhy, "已经唱出的不受影响。请平台管理员排除故障，然后由经办人点“继续开标”，从下一份开始。"
	}
	if v.Waiting {
		p.Stopped, p.Mend = p.Stopped+"开标中断，内存中的密钥已清除。", "请持钥人重新输入口令参加开标，然后由经办人点“继续开标”，从下一份开始；已经唱出的不受影响。"
	}
	p.Steps, p.Says = openingSteps(v.State), p.says()
}

func openingSteps(now opening.State) []openingStep {
	at := map[opening.State]int{opening.Before: 0, opening.Gathering: 1, opening.Reading: 2, opening.Stopped: 2, opening.Confirming: 3, opening.Closed: 5}[now]
	out := []openingStep{}
	for i, name := range []string{"等待截止", "持钥人到场", "唱标", "投标人确认", "结束"} {
		out = append(out, openingStep{Name: name, Done: i < at, Here: i == min(at, 4)})
	}
	return out
}

// says is the one sentence that a screen reader is given when it changes.
func (p *openingPage) says() string {
	v := p.View
	switch v.State {
	case opening.Before:
		return ""
	case opening.Gathering:
		return fmt.Sprintf("持钥人到场 %d 人，需 %d 人", v.Given, v.Need)
	case opening.Reading, opening.Stopped:
		said := ""
		if l := p.Last; l != nil && l.Failed != "" {
			said = fmt.Sprintf("第 %d 份，%s，未能开启：%s。", l.Position, l.SupplierName, l.Failed)
		} else if l != nil {
			said = fmt.Sprintf("第 %d 份，共 %d 份，%s，报价 %s %s。", l.Position, v.Opening.Bidders, l.SupplierName, l.Price.Yuan(), p.Unit)
		}
		return said + p.Stopped
	case opening.Confirming:
		return "全部投标已唱标，请投标人核对并确认"
	case opening.Closed:
	}
	return "开标已结束"
}

// openingShareOf gives a holder who may come now what opens their share.
func (w *Web) openingShareOf(r *edge.Request, p *openingPage) error {
	if !p.may("give") || slices.ContainsFunc(p.View.Holders, func(s opening.Seat) bool { return s.Index == p.View.MyIndex && s.Given }) {
		return nil
	}
	h, err := w.TenderKeys.Mine(r.Context(), r.Actor(), p.Tender.ID)
	if err != nil {
		return err
	}
	p.Share = &openingPart{Index: h.Mine.Place}
	p.Share.Part.Key, p.Share.Part.Personal, p.Share.Part.File = h.Set.Public(), h.PersonalFile, h.ShareFile
	return nil
}

// openingDoor is the next action on other pages of a tender past its deadline.
func (w *Web) openingDoor(r *edge.Request, t tender.Tender) templates.Action {
	at := tenderPath(t.ID) + "/opening"
	if w.Tenders.Allowed(r.Actor(), t, "open") {
		return templates.Action{Title: "可以开标", Text: "持钥人到场输入口令后，由经办人开始。", Label: "去开标", Href: at}
	}
	return templates.Action{Title: "等待开标", Text: "由采购人“" + t.BuyerName + "”组织，任何人都可以在线观看。", Label: "进入开标现场", Href: at}
}

func (w *Web) openingNext(r *edge.Request, p *openingPage) templates.Action {
	v, at := p.View, tenderPath(p.Tender.ID)+"/opening"
	start := templates.Action{Post: at + "/start", CSRF: r.CSRF()}
	switch {
	case v.State == opening.Before:
		return templates.Action{Title: "投标中", Waiting: "截止以前，任何人都看不到投标情况，包括采购人和平台管理员。这一页到时会自动更新。"}
	case p.may("give") && w.absent(p):
		if p.may("start") && v.State == opening.Gathering {
			start.Text, start.Label = "投标不足法定家数的，不用密钥，现在开始即依法终止。", "开始开标"
			start.Confirm, p.Start = "开标不能撤销，确定现在开始吗？", &start
		}
		return templates.Action{Title: "请您参加开标", Text: "您是持钥人，开标需要您输入口令。", Label: "输入口令", Href: "#share"}
	case p.may("start") && v.State == opening.Gathering:
		start.Title, start.Label = "可以开标", "开始开标"
		start.Text = "持钥人已到齐。开始后逐份开启并公布报价。"
		if v.Given < v.Need {
			start.Title = "等待持钥人"
			start.Text = fmt.Sprintf("还差 %d 位持钥人。投标不足法定家数的，不用密钥，现在点“开始开标”即依法终止。", v.Need-v.Given)
		}
		start.Confirm = "开标不能撤销，确定现在开始吗？"
		return start
	case p.may("start"):
		start.Title, start.Text, start.Label, start.Tone = "开标中断", p.Mend, "继续开标", templates.Danger
		return start
	case v.State == opening.Gathering:
		return templates.Action{Title: "等待开标", Waiting: fmt.Sprintf("持钥人到场 %d 人，需 %d 人；到齐后由采购人“%s”开始。", v.Given, v.Need, p.Tender.BuyerName)}
	case p.MayAnswer && p.Mine.Answer == nil:
		return templates.Action{Title: "请核对并确认", Text: "请核对本单位的开标内容，确认无异议或提出异议。", Label: "去确认", Href: "#mine"}
	case p.MayClose:
		return templates.Action{Title: "结束开标", Text: p.Answered, Label: "去结束", Href: "#close"}
	case v.State == opening.Reading:
		return templates.Action{Title: "正在唱标", Waiting: "逐份开启、公布，这一页会自动更新。"}
	case v.State == opening.Stopped:
		return templates.Action{Title: "开标中断", Waiting: "投标文件没有受影响；排除后由采购人继续。", Tone: templates.Danger}
	case v.State == opening.Confirming:
		return templates.Action{Title: "等待结束", Waiting: "投标人核对后，由采购人结束开标、出具开标记录。"}
	case v.Opening != nil && v.Opening.Outcome == opening.TooFew:
		return templates.Action{Title: "采购失败", Waiting: p.Tender.Reason, Tone: templates.Danger}
	}
	return w.stageNext(r, p.Tender)
}

// absent reports whether the actor's own share is still awaited.
func (w *Web) absent(p *openingPage) bool {
	return !slices.ContainsFunc(p.View.Holders, func(s opening.Seat) bool { return s.Index == p.View.MyIndex && s.Given })
}

// openingEvents streams what happens, from the event after the one the page
// has seen.
func (w *Web) openingEvents(r *edge.Request) (edge.Response, error) {
	t, err := w.tenderOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	after, _ := strconv.ParseInt(r.Query("after"), 10, 64) // anything else is from the beginning
	return edge.SSE(func(ctx context.Context, send func(event, data string) error) error {
		return w.Openings.Watch(ctx, t.ID, after, func(e opening.Event) error {
			b, err := json.Marshal(e)
			if err != nil {
				return err
			}
			return send(string(e.Kind), string(b))
		})
	}), nil
}

// openingShare takes a holder's share, which their browser opened.
func (w *Web) openingShare(r *edge.Request) (edge.Response, error) {
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
	_, err = w.Openings.Give(r.Context(), r.Actor(), x, in.Share)
	return edge.NoContent(), err
}

func (w *Web) openingStart(r *edge.Request) (edge.Response, error) {
	x, _, err := posted(r)
	if err != nil {
		return edge.Response{}, err
	}
	o, err := w.Openings.Start(r.Context(), r.Actor(), x)
	if err != nil {
		return readAgain(r, "opening/show", w.openingPage, nil, err)
	}
	if o.State == opening.Closed {
		return edge.Redirect(tenderPath(x)+"/opening").Flash("warn", fmt.Sprintf("收到投标 %d 份，不足 %d 家，依法不予开标", o.Bidders, o.Least)), nil
	}
	return edge.Redirect(tenderPath(x)+"/opening").Flash("ok", "开标已开始"), nil
}

func (w *Web) openingAnswer(r *edge.Request) (edge.Response, error) {
	x, f, err := posted(r)
	if err != nil {
		return edge.Response{}, err
	}
	kind := opening.AnswerKind(f.Get("kind"))
	if _, err := w.Openings.Answer(r.Context(), r.Actor(), x, kind, f.Get("text")); err != nil {
		return readAgain(r, "opening/show", w.openingPage, func(p *openingPage) { p.Objecting, p.Text = kind == opening.Objected, f.Get("text") }, err)
	}
	return edge.Redirect(tenderPath(x)+"/opening").Flash("ok", "已记录本单位的答复"), nil
}

func (w *Web) openingClose(r *edge.Request) (edge.Response, error) {
	x, f, err := posted(r)
	if err != nil {
		return edge.Response{}, err
	}
	o, err := w.Openings.Close(r.Context(), r.Actor(), x, f.Get("remark"))
	if err != nil {
		return readAgain(r, "opening/show", w.openingPage, func(p *openingPage) { p.Remark = f.Get("remark") }, err)
	}
	if o.Outcome == opening.TooFew {
		return edge.Redirect(tenderPath(x)+"/opening").Flash("warn", "能开启的投标不足法定家数，本次采购依法终止"), nil
	}
	return edge.Redirect(tenderPath(x)+"/opening").Flash("ok", "开标已结束，开标记录正在生成"), nil
}

// readAgain shows a page once more, read anew, with what was typed and refused.
// Whoever may not do it gets the refusal alone.
func readAgain[P templates.Framed](r *edge.Request, name string, read func(*edge.Request) (P, error), typed func(P), err error) (edge.Response, error) {
	if fault.Is(err, fault.Forbidden) {
		return edge.Response{}, err
	}
	p, perr := read(r)
	if perr != nil {
		return edge.Response{}, err
	}
	if typed != nil {
		typed(p)
	}
	return again(name, p, err)
}

// posted is the record and the form of a POST.
func posted(r *edge.Request) (id.ID, *edge.Form, error) {
	x, err := r.ID("id")
	if err != nil {
		return "", nil, err
	}
	f, err := r.Form()
	return x, f, err
}
