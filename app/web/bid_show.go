package web

import (
	"fmt"
	"strconv"

	"gongji/app/edge"
	"gongji/app/kernel/fault"
	"gongji/app/kernel/id"
	"gongji/app/party/credential"
	"gongji/app/procurement/award"
	"gongji/app/procurement/bid"
	"gongji/app/procurement/tender"
	"gongji/templates"
)

// bidShowPage is bid/show.html: one bid in its bidder's hands.
type bidShowPage struct {
	purchasePage
	Bid      bid.Bid
	Status   templates.Status
	Desk     bidDesk
	Hour     *lastHour
	Tasks    []templates.Task // nil once nothing can be changed; State names the task, the script says how far it is
	Next     templates.Action
	Deadline *templates.Deadline
	Versions []versionRow
	Expiring []credential.Credential // gone by the deadline, with nothing in their place
	Outdated string                  // that the documents changed since; "" where they did not
	Withdraw bool
	Offline  offline
	Result   *award.Own
	Notice   []templates.File
	Events   []templates.Event
}

// offline are the commands that make the bid on a computer without a network,
// ready to be run where the tender's form was saved.
type offline struct {
	Blank, Seal string
}

func offlineFor(d bidDesk) offline {
	keys := ""
	for _, k := range d.Recipients {
		keys += " --key " + k
	}
	return offline{Blank: "gongji seal --form bid-form.json --blank --supplier " + d.Supplier + " > bid.json",
		Seal: "gongji seal --form bid-form.json --bid bid.json --attach 服务方案.pdf" + keys + " --out 投标文件.age"}
}

type versionRow struct {
	bid.Version
	Counts bool // this version is the one that stands
}

// bidOf reads the bid that the address names, for its own bidder.
func (w *Web) bidOf(r *edge.Request) (bid.Bid, tender.Tender, error) {
	x, err := r.ID("id")
	if err != nil {
		return bid.Bid{}, tender.Tender{}, err
	}
	return w.Bids.Get(r.Context(), r.Actor(), x)
}

func (w *Web) bidChrome(r *edge.Request, t tender.Tender, b bid.Bid, title string) purchasePage {
	p := w.purchase(r, t, title)
	p.Breadcrumbs = []templates.Crumb{{Label: "我的投标", Href: "/bids"}, {Label: t.Title, Href: "/bids/" + string(b.ID)}, {Label: title}}
	return p
}

func (w *Web) bidShow(r *edge.Request) (edge.Response, error) {
	p, err := w.bidShowPage(r)
	return edge.HTML(200, "bid/show", p), err
}

func (w *Web) bidShowPage(r *edge.Request) (*bidShowPage, error) {
	b, t, err := w.bidOf(r)
	if err != nil {
		return nil, err
	}
	p := &bidShowPage{purchasePage: w.purchase(r, t, t.Title), Bid: b, Status: bidStatus(b.State)}
	p.Breadcrumbs = []templates.Crumb{{Label: "我的投标", Href: "/bids"}, {Label: t.Title}}
	if t.Deadline != nil {
		p.Deadline = &templates.Deadline{Label: "投标截止", At: *t.Deadline, Now: r.Now()}
	}
	open := t.StateAt(r.Now()) == tender.Open
	p.Hour, p.Next, p.Withdraw = hourBefore(r, t), bidNext(t, b, open, t.StateAt(r.Now())), open && b.State == bid.Submitted
	if open {
		if p.Expiring, err = w.Credentials.Lacking(r.Context(), b.Supplier, *t.Deadline); err != nil {
			return nil, err
		}
		p.Tasks = bidTasks(b)
		if p.Desk, err = w.deskOf(r, "home", t, b); err != nil {
			return nil, err
		}
		p.Offline = offlineFor(p.Desk)
		if p.Desk.Me == "" && b.State != bid.Submitted {
			p.Next.Waiting = "先设一个口令，然后填写。"
		}
	}
	sent, err := w.Bids.Outdated(r.Context(), r.Actor(), b, t)
	if err != nil {
		return nil, err
	}
	if sent > 0 {
		p.Outdated = bid.OutdatedWords(sent, t.Documents)
		p.Next = templates.Action{Title: "核对后重新提交", Waiting: "采购文件已更正。输入口令打开草稿，核对后重新密封、提交。"}
	}
	return p, w.bidHistory(r, p)
}

// bidHistory adds what was sent, what came of it and what happened.
func (w *Web) bidHistory(r *edge.Request, p *bidShowPage) error {
	ctx, who, b := r.Context(), r.Actor(), p.Bid
	versions, err := w.Bids.Versions(ctx, who, b.ID)
	if err != nil {
		return err
	}
	for _, v := range versions {
		p.Versions = append(p.Versions, versionRow{v, b.State == bid.Submitted && v.Number == b.Version})
	}
	own, err := w.Awards.Mine(ctx, who, b.Tender)
	switch {
	case err == nil:
		p.Result = &own
		if p.Notice, err = w.noticeOf(r, b.Tender, own); err != nil {
			return err
		}
	case !missing(err):
		return err
	}
	events, err := w.Bids.Timeline(ctx, who, b.ID)
	if err != nil {
		return err
	}
	p.Events = timeline(events)
	return nil
}

// noticeOf is the 中标通知书, for the winner.
func (w *Web) noticeOf(r *edge.Request, t id.ID, own award.Own) ([]templates.File, error) {
	if !own.Won {
		return nil, nil
	}
	res, err := w.Awards.Result(r.Context(), t)
	if err != nil {
		return nil, err
	}
	return w.paper(r, res.Award.Notice)
}

// bidTasks is the task list. How far each is only the bidder's browser knows.
func bidTasks(b bid.Bid) []templates.Task {
	at := "/bids/" + string(b.ID)
	return []templates.Task{
		{State: "offer", Title: "报价与交付承诺", Href: at + "/offer"},
		{State: "answers", Title: "逐项应答", Hint: "按评分表作答", Href: at + "/answers"},
		{State: "files", Title: "附件", Hint: "没有附件也可以提交", Href: at + "/files"},
		{State: "check", Title: "核对、密封并提交", Hint: "提交前逐项核对；截止前可以替换或撤回", Href: at + "/check"},
	}
}

func bidNext(t tender.Tender, b bid.Bid, open bool, s tender.State) templates.Action {
	switch {
	case open && b.State == bid.Submitted:
		return templates.Action{Title: "已提交，等待开标", Waiting: "截止前可以修改后重新提交，也可以撤回。截止后由采购人组织开标。"}
	case open:
		return templates.Action{Title: "编制投标文件", Waiting: "输入口令打开草稿后，这里显示还差什么。"}
	case b.State != bid.Submitted:
		return templates.Action{Title: "未参加投标", Waiting: "截止时没有有效的投标，这份草稿只有本单位能打开。"}
	case s == tender.Closed:
		return templates.Action{Title: "等待开标", Text: "投标已截止，由采购人“" + t.BuyerName + "”组织开标。本单位可以在线观看，并确认本单位的开标内容。", Label: "进入开标现场", Href: tenderPath(t.ID) + "/opening"}
	}
	return templates.Action{Title: s.Name(), Label: "查看项目进展", Href: tenderPath(t.ID)}
}

// bidReadPage is bid/read.html: one version as it was sent.
type bidReadPage struct {
	purchasePage
	Bid     id.ID
	Version bid.Version
	Content bid.Content
	Bidder  string // "" on the bidder's own page
	Files   []templates.File
	Receipt bool
	Back    string
}

// bidRead shows a version to whoever may read it: the bidder each of theirs,
// the buyer and the panel the opened one (number 0).
func (w *Web) bidRead(r *edge.Request) (edge.Response, error) {
	x, n, err := versionOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	v, c, err := w.Bids.Content(r.Context(), r.Actor(), x, n)
	if missing(err) { // not opened: its bidder can still open it, nobody else may know of it
		p, err := w.bidOwn(r, n, fmt.Sprintf("投标文件 第 %d 版", n))
		return edge.HTML(200, "bid/own", p), err
	}
	if err != nil {
		return edge.Response{}, err
	}
	t, err := w.Tenders.Get(r.Context(), r.Actor(), c.Tender)
	if err != nil {
		return edge.Response{}, err
	}
	p := &bidReadPage{purchasePage: w.purchase(r, t, fmt.Sprintf("投标文件 第 %d 版", v.Number)), Bid: x, Version: v, Content: c}
	p.Receipt, p.Back = c.Supplier == r.Actor().Org, "/bids/"+string(x)
	if !p.Receipt {
		p.Back = tenderPath(t.ID)
		if w.Evaluations.May(r.Context(), r.Actor(), t.ID, "follow_panel") == nil {
			p.Back += "/bids"
		}
		o, err := w.Organisations.Get(r.Context(), r.Actor(), c.Supplier)
		if err != nil {
			return edge.Response{}, err
		}
		p.Bidder = o.Name
	}
	for _, f := range c.Files {
		p.Files = append(p.Files, templates.File{ID: string(f.ID), Name: f.Name, Size: f.Size, SHA256: f.SHA256,
			Href: fmt.Sprintf("/bids/%s/versions/%d/files/%s", x, v.Number, f.ID)})
	}
	return edge.HTML(200, "bid/read", p), nil
}

func versionOf(r *edge.Request) (id.ID, int, error) {
	x, err := r.ID("id")
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.Atoi(r.Param("number"))
	if err != nil || n < 0 {
		return "", 0, fault.New(fault.NotFound, "没有找到这个投标版本")
	}
	return x, n, nil
}

func (w *Web) bidFile(r *edge.Request) (edge.Response, error) {
	x, n, err := versionOf(r)
	if err != nil {
		return edge.Response{}, err
	}
	file, err := r.ID("file")
	if err != nil {
		return edge.Response{}, err
	}
	a, body, err := w.Bids.OpenFile(r.Context(), r.Actor(), x, n, file)
	if err != nil {
		return edge.Response{}, err
	}
	return edge.Stream(a.Name, a.MediaType, a.Size, body, true), nil
}
